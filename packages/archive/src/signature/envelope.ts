import {sign, verify, type KeyObject} from 'node:crypto';
import * as z from 'zod/mini';
import {keyIdOf} from './signing-key.ts';
import type {Statement} from './statement.ts';

// DSSE, https://github.com/secure-systems-lab/dsse/blob/master/protocol.md: what is signed is the payload with its type, byte by byte as
// it stands in the file, so that nobody has to agree on a canonical JSON.
const TYPE = 'application/vnd.keelson.archive+json';

const ANOTHER = 'the signature is for something else than an archive';

const envelope = z.object({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.array(z.object({keyid: z.optional(z.string()), sig: z.string()})),
});
const statement = z.object({
  kind: z.literal('keelson-archive'),
  name: z.string(),
  version: z.string(),
  digest: z.string(),
  manifest: z.string(),
});

/** The text of a signature file. */
export function sealed(value: Statement, key: KeyObject): string {
  return sealedAs(TYPE, value, key);
}

/** A signed value of any type, as text. */
export function sealedAs(type: string, value: object, key: KeyObject): string {
  const payload = Buffer.from(JSON.stringify(value));
  const signatures = [
    {keyid: keyIdOf(key), sig: sign(null, authenticated(type, payload), key).toString('base64')},
  ];
  return `${JSON.stringify({payloadType: type, payload: payload.toString('base64'), signatures}, null, 2)}\n`;
}

/** What a signature file says, when one of its signatures was made with this key. */
export function unsealed(
  text: string,
  key: KeyObject,
): {readonly statement: z.infer<typeof statement>} | {readonly because: string} {
  const opened = unsealedAs(TYPE, text, key);
  if ('because' in opened) return opened;
  const value = parsed(statement, opened.payload);
  return value === undefined ? {because: ANOTHER} : {statement: value};
}

/** The text of a signed value of that type, when one of its signatures was made with this key. */
export function unsealedAs(
  type: string,
  text: string,
  key: KeyObject,
): {readonly payload: string} | {readonly because: string} {
  const file = parsed(envelope, text);
  if (file === undefined) return {because: 'the signature file is not one'};
  if (file.payloadType !== type) return {because: ANOTHER};
  const payload = Buffer.from(file.payload, 'base64');
  const bytes = authenticated(file.payloadType, payload);
  // Every one is tried, whatever key it names: a name proves nothing.
  if (!file.signatures.some(({sig}) => verify(null, bytes, key, Buffer.from(sig, 'base64'))))
    return {because: 'it was not signed with this key, or the signature was changed'};
  return {payload: payload.toString('utf8')};
}

/** PAE of DSSE. */
function authenticated(type: string, payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `),
    payload,
  ]);
}

function parsed<T>(
  schema: {safeParse(value: unknown): {success: boolean; data?: T}},
  text: string,
): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
