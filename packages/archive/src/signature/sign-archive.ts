import {resolve} from 'node:path';
import {writeAtomic} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import type {Archive} from '../archive.ts';
import type {Digest} from '../archive-manifest.ts';
import {ArchiveFault} from '../fault.ts';
import {verifyArchive} from '../verify-tree.ts';
import {keyIdOf, privateKey, type Key} from './signing-key.ts';
import {statementOf} from './statement.ts';

export interface SignOptions extends StepOptions {
  /** An ed25519 private key: PEM, or the path of its file. */
  readonly key: Key;
  /** The signature's file. Default the archive's path and `.sig`. */
  readonly to?: string | undefined;
}

export interface ArchiveSignature {
  readonly kind: 'archive-signature';
  readonly path: string;
  readonly digest: Digest;
  readonly keyId: string;
}

/**
 * Writes a detached signature of an archive, after every byte of it was compared with what it says: it holds for the same archive in any
 * form. Faults: ARCHIVE_KEY, ARCHIVE_DIGEST, and those of verifyArchive.
 */
export async function signArchive(archive: Archive, options: SignOptions): Promise<ArchiveSignature> {
  const key = privateKey(options.key);
  const {problems} = await verifyArchive(archive, {signal: options.signal});
  const [problem] = problems;
  if (problem !== undefined)
    throw new ArchiveFault(
      'ARCHIVE_DIGEST',
      `${archive.path} is not what it says, and is not signed: ${JSON.stringify(problem.path)} ${problem.because}`,
    );
  const [{sealed}, statement] = await Promise.all([
    import('./envelope.ts'),
    statementOf(archive, {signal: options.signal}),
  ]);
  const path = resolve(options.to ?? signaturePath(archive));
  await writeAtomic(path, sealed(statement, key), {mode: 0o644});
  return {kind: 'archive-signature', path, digest: archive.digest, keyId: keyIdOf(key)};
}

export function signaturePath({path}: Archive): string {
  return `${path}.sig`;
}
