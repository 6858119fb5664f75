import {readFileSync, statSync} from 'node:fs';
import {resolve} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import type {StepOptions} from '@keelson/step';
import type {Archive} from '../archive.ts';
import {PAYLOAD_TYPE, provenanceOf, provenancePath, type ProvenanceStatement} from './provenance.ts';
import {keyIdOf, publicKey, type Key} from './signing-key.ts';

export interface VerifyProvenanceOptions extends StepOptions {
  /** The ed25519 public key that is trusted: PEM, or the path of its file. */
  readonly key: Key;
  /** The statement's file. Default the archive's path and `.intoto.json`. */
  readonly provenance?: string | undefined;
}

export interface ProvenanceVerification {
  readonly kind: 'provenance-verification';
  readonly valid: boolean;
  /** Why it is not valid. */
  readonly because?: string | undefined;
  /** Of the key that is trusted. */
  readonly keyId: string;
}

const PROVENANCE_BYTES = 4 * 1024 * 1024;

/**
 * Whether somebody with that key stated that this very archive was built as its `keelson.json` says. The archive may have become a folder,
 * or another kind of file, since. That the files are what it says, `verifyArchive` and `extractArchive` tell.
 * Faults: ARCHIVE_KEY, and those of openArchive.
 */
export async function verifyProvenance(
  archive: Archive,
  options: VerifyProvenanceOptions,
): Promise<ProvenanceVerification> {
  const key = publicKey(options.key);
  const path = resolve(options.provenance ?? provenancePath(archive));
  const {unsealedAs} = await import('./envelope.ts');
  const because = await whyNot();
  const valid = because === undefined;
  return {kind: 'provenance-verification', valid, ...(because && {because}), keyId: keyIdOf(key)};

  async function whyNot(): Promise<string | undefined> {
    const stats = statSync(path, {throwIfNoEntry: false});
    if (stats?.isFile() !== true) return `it has no provenance: there is no ${path}`;
    if (stats.size > PROVENANCE_BYTES) return 'the provenance is too large to be one';
    const text = readFileSync(path, 'utf8');
    const given = unsealedAs(PAYLOAD_TYPE, text, key);
    if ('because' in given)
      return isStatement(text) ? 'its provenance is not signed' : `its provenance: ${given.because}`;
    const actual = await provenanceOf(archive, {signal: options.signal});
    return difference(given.payload, actual);
  }
}

function difference(text: string, actual: ProvenanceStatement): string | undefined {
  const given = statementIn(text);
  if (given === undefined) return 'its provenance is no statement of in-toto about a build';
  const digest = actual.subject.at(-1)?.digest['keelsonArchive'];
  if (!given.subject.some((subject) => subject?.digest?.['keelsonArchive'] === digest))
    return `the provenance is for another archive: ${given.subject.at(-1)?.name}`;
  return isDeepStrictEqual(given.predicate, JSON.parse(JSON.stringify(actual.predicate)))
    ? undefined
    : 'the provenance says something else than keelson.json does';
}

function isStatement(text: string): boolean {
  return statementIn(text) !== undefined;
}

function statementIn(text: string): ProvenanceStatement | undefined {
  try {
    const value = JSON.parse(text) as ProvenanceStatement | null;
    const known = value?._type === 'https://in-toto.io/Statement/v1' && Array.isArray(value.subject);
    return known && value.predicateType === 'https://slsa.dev/provenance/v1' ? value : undefined;
  } catch {
    return undefined;
  }
}
