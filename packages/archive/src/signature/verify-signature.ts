import {readFileSync, statSync} from 'node:fs';
import {resolve} from 'node:path';
import type {StepOptions} from '@keelson/step';
import type {Archive} from '../archive.ts';
import {signaturePath} from './sign-archive.ts';
import {keyIdOf, publicKey, type Key} from './signing-key.ts';
import {statementOf} from './statement.ts';

export interface VerifySignatureOptions extends StepOptions {
  /** The ed25519 public key that is trusted: PEM, or the path of its file. */
  readonly key: Key;
  /** The signature's file. Default the archive's path and `.sig`. */
  readonly signature?: string | undefined;
}

export interface SignatureVerification {
  readonly kind: 'signature-verification';
  readonly valid: boolean;
  /** Why it is not valid. */
  readonly because?: string | undefined;
  /** Of the key that is trusted. */
  readonly keyId: string;
}

const SIGNATURE_BYTES = 64 * 1024;

/**
 * Whether somebody with that key signed this very archive: its digest and its `keelson.json`. That the files are what these say,
 * `verifyArchive` and `extractArchive` tell. Faults: ARCHIVE_KEY, and those of openArchive.
 */
export async function verifySignature(
  archive: Archive,
  options: VerifySignatureOptions,
): Promise<SignatureVerification> {
  const key = publicKey(options.key);
  const verdict = (because?: string): SignatureVerification => ({
    kind: 'signature-verification',
    valid: because === undefined,
    ...(because === undefined ? {} : {because}),
    keyId: keyIdOf(key),
  });
  const path = resolve(options.signature ?? signaturePath(archive));
  const stats = statSync(path, {throwIfNoEntry: false});
  if (stats?.isFile() !== true) return verdict(`it is not signed: there is no ${path}`);
  if (stats.size > SIGNATURE_BYTES) return verdict('the signature file is not one');
  const {unsealed} = await import('./envelope.ts');
  const result = unsealed(readFileSync(path, 'utf8'), key);
  if ('because' in result) return verdict(result.because);
  const actual = await statementOf(archive, {signal: options.signal});
  const {digest, manifest, name, version} = result.statement;
  if (digest === actual.digest && manifest === actual.manifest) return verdict();
  return verdict(`the signature is for another archive: ${name} ${version}, ${digest}`);
}
