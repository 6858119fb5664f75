import type {Archive} from '../archive.ts';
import {verifyProvenance, type ProvenanceVerification} from './verify-provenance.ts';
import {verifySignature, type SignatureVerification} from './verify-signature.ts';

export interface TrustFlags {
  readonly key?: string | undefined;
  readonly signature?: string | undefined;
  readonly provenance?: string | undefined;
  readonly signal: AbortSignal;
}

export interface Trust {
  readonly valid: boolean;
  readonly found: {readonly signature?: SignatureVerification; readonly provenance?: ProvenanceVerification};
  /** For a person. */
  readonly lines: readonly string[];
}

/** What is asked for with `--key`: the signature, unless only `--provenance` names a file. Without a key nothing. */
export async function verifyTrust(archive: Archive, flags: TrustFlags): Promise<Trust> {
  const {key, signature: file, provenance: statement, signal} = flags;
  if (key === undefined) return {valid: true, found: {}, lines: []};
  const signature =
    statement === undefined || file !== undefined
      ? await verifySignature(archive, {key, signature: file, signal})
      : undefined;
  const provenance =
    statement === undefined
      ? undefined
      : await verifyProvenance(archive, {key, provenance: statement, signal});
  const lines: string[] = [];
  if (signature !== undefined)
    lines.push(
      signature.valid ? `signed with the key ${signature.keyId}` : `${archive.path}: ${signature.because}`,
    );
  if (provenance !== undefined)
    lines.push(
      provenance.valid
        ? `its provenance is signed with the key ${provenance.keyId}`
        : `${archive.path}: ${provenance.because}`,
    );
  const found = {...(signature && {signature}), ...(provenance && {provenance})};
  return {valid: signature?.valid !== false && provenance?.valid !== false, found, lines};
}
