import {verifySignature, type Archive} from '@keelson/archive';
import type {StepOptions} from '@keelson/step';
import {PrepareFault} from './fault.ts';

/** Whose signature an archive needs. */
export interface TrustedKey {
  /** An ed25519 public key: PEM, or the path of its file. */
  readonly key: string;
  /** The signature's file. Default: the archive's path and `.sig`. */
  readonly signature?: string | undefined;
}

/** Faults: PREPARE_NOT_SIGNED, ARCHIVE_KEY. */
export async function requireSignature(
  archive: Archive,
  {key, signature}: TrustedKey,
  {signal}: StepOptions = {},
): Promise<string> {
  const {valid, because, keyId} = await verifySignature(archive, {key, signature, signal});
  if (valid) return keyId;
  throw new PrepareFault('PREPARE_NOT_SIGNED', `${archive.path} is not trusted: ${because}`, {
    hint: `Only what key ${keyId} signed is taken here: keelson archive sign ${archive.path}`,
  });
}
