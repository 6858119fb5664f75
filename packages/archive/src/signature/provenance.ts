import {basename, resolve} from 'node:path';
import {writeAtomic} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import type {Archive} from '../archive.ts';
import type {Digest} from '../archive-manifest.ts';
import {ArchiveFault} from '../fault.ts';
import {fileSha256} from './file-sha256.ts';
import {verifyArchive} from '../verify-tree.ts';
import {keyIdOf, privateKey, type Key} from './signing-key.ts';

export interface ProvenanceOptions extends StepOptions {
  /** An ed25519 private key: PEM, or the path of its file. Default: the statement is not signed. */
  readonly key?: Key | undefined;
  /** Default the archive's path and `.intoto.json`. */
  readonly to?: string | undefined;
}

export interface Provenance {
  readonly kind: 'provenance';
  readonly path: string;
  readonly digest: Digest;
  /** Of the key that signed it. */
  readonly keyId?: string | undefined;
  readonly statement: ProvenanceStatement;
}

/** https://in-toto.io/Statement/v1 with https://slsa.dev/spec/v1.0/provenance */
export interface ProvenanceStatement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly {
    readonly name: string;
    readonly digest: Readonly<Record<string, string>>;
  }[];
  readonly predicateType: 'https://slsa.dev/provenance/v1';
  readonly predicate: object;
}

// https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
// A URI that is this project's own; what the parameters below mean, the README says.
const BUILD_TYPE = 'pkg:npm/%40keelson/archive-builder#build-v1';

/**
 * Writes who built an archive from what, as its `keelson.json` says, into a file beside it: the statement names the archive by its
 * digest, so it cannot be a part of it. With a key it is a signed DSSE envelope, without one the bare statement. The same archive and key
 * give the same file. Faults: ARCHIVE_KEY, ARCHIVE_DIGEST, and those of verifyArchive.
 */
export async function writeProvenance(
  archive: Archive,
  options: ProvenanceOptions = {},
): Promise<Provenance> {
  const {signal} = options;
  const key = options.key === undefined ? undefined : privateKey(options.key);
  const [problem] = (await verifyArchive(archive, {signal})).problems;
  if (problem !== undefined)
    throw new ArchiveFault(
      'ARCHIVE_DIGEST',
      `${archive.path} is not what it says: ${JSON.stringify(problem.path)} ${problem.because}`,
    );
  const statement = await provenanceOf(archive, {signal});
  const {sealedAs} = await import('./envelope.ts');
  const text =
    key === undefined ? `${JSON.stringify(statement, null, 2)}\n` : sealedAs(PAYLOAD_TYPE, statement, key);
  const path = resolve(options.to ?? provenancePath(archive));
  await writeAtomic(path, text, {mode: 0o644});
  const by = key === undefined ? {} : {keyId: keyIdOf(key)};
  return {kind: 'provenance', path, digest: archive.digest, ...by, statement};
}

/** What the archive's `keelson.json` says, as a statement. */
export async function provenanceOf(archive: Archive, options: StepOptions): Promise<ProvenanceStatement> {
  const {name, version, source, packageManager, node, scripts, builder, dependencies} = archive.manifest;
  const hex = (digest: Digest) => digest.slice('sha256-'.length);
  const file =
    archive.form === 'file'
      ? [{name: basename(archive.path), digest: {sha256: await fileSha256(archive.path, options)}}]
      : [];
  const {origin, revision} = source;
  const {lockfile, lockDigest} = packageManager;
  const program = builder.slice(0, builder.lastIndexOf('/'));
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [...file, {name: `${name}@${version}`, digest: {keelsonArchive: hex(archive.digest)}}],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: {source, scripts},
        internalParameters: {node, packageManager, ...(dependencies && {dependencies})},
        resolvedDependencies: [
          ...(revision === undefined
            ? []
            : [{...(origin && {uri: `git+${origin}`}), digest: {gitCommit: revision}}]),
          ...(lockDigest === undefined ? [] : [{name: lockfile, digest: {sha256: hex(lockDigest)}}]),
        ],
      },
      runDetails: {
        builder: {
          id: `pkg:npm/${program.replace('@', '%40')}`,
          version: {[program]: builder.slice(program.length + 1)},
        },
      },
    },
  };
}

export function provenancePath({path}: Archive): string {
  return `${path}.intoto.json`;
}
