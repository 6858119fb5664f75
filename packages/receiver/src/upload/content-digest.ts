import type {IncomingHttpHeaders} from 'node:http';

/**
 * The sha-256 that a client says of the whole file, as `sha256-HEX`: `Keelson-Upload` has that form, `Repr-Digest` is RFC 9530's,
 * `X-Checksum-Sha256` Artifactory's. Undefined: it says none. False: what it says cannot be one.
 */
export function saidDigest(headers: IncomingHttpHeaders): string | false | undefined {
  const ours = headers['keelson-upload'];
  if (ours !== undefined) return /^sha256-[0-9a-f]{64}$/.test(String(ours)) ? String(ours) : false;
  const field = headers['repr-digest'];
  if (field !== undefined) {
    const [, base64] = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)/.exec(String(field)) ?? [];
    if (base64 !== undefined) return `sha256-${Buffer.from(base64, 'base64').toString('hex')}`;
    if (/sha-256\s*=/.test(String(field))) return false;
  }
  const checksum = headers['x-checksum-sha256'];
  if (checksum === undefined) return undefined;
  return /^[0-9a-f]{64}$/i.test(String(checksum)) ? `sha256-${String(checksum).toLowerCase()}` : false;
}
