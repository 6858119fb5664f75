import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {ArchiveFault} from '../fault.ts';

/** The text of a key in PEM, or the path of a file that holds it. */
export type Key = string;

const PEM = '-----BEGIN ';

/** Faults: ARCHIVE_KEY. */
export function privateKey(key: Key): KeyObject {
  return ed25519(key, 'private', createPrivateKey);
}

/** That of a private key, when it is one. Faults: ARCHIVE_KEY. */
export function publicKey(key: Key): KeyObject {
  return ed25519(key, 'public', createPublicKey);
}

/** Names a key: sha-256 of the public one (SubjectPublicKeyInfo, DER). */
export function keyIdOf(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({type: 'spki', format: 'der'});
  return `sha256-${createHash('sha256').update(spki).digest('hex')}`;
}

export interface KeyPair {
  readonly kind: 'key-pair';
  /** For the builder alone (0600). */
  readonly privateKey: string;
  /** For everybody who verifies. */
  readonly publicKey: string;
  readonly keyId: string;
}

/** Makes an ed25519 key pair in two new files, `path` and `path.pub` (PEM). Faults: ARCHIVE_KEY when one is there already. */
export function createKeyPair(path: string): KeyPair {
  const absolute = resolve(path);
  const pair = generateKeyPairSync('ed25519');
  const files = {privateKey: absolute, publicKey: `${absolute}.pub`};
  write(files.publicKey, pair.publicKey.export({type: 'spki', format: 'pem'}), 0o644);
  write(files.privateKey, pair.privateKey.export({type: 'pkcs8', format: 'pem'}), 0o600);
  return {kind: 'key-pair', ...files, keyId: keyIdOf(pair.publicKey)};
}

function write(path: string, pem: string | Buffer, mode: number): void {
  try {
    writeFileSync(path, pem, {flag: 'wx', mode, flush: true});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new ArchiveFault('ARCHIVE_KEY', `${path} is there already, and a key is never overwritten`);
  }
}

function ed25519(key: Key, what: 'private' | 'public', create: (pem: string) => KeyObject): KeyObject {
  const given = key.startsWith(PEM);
  const where = given ? 'the key' : resolve(key);
  const because = (reason: string, cause?: unknown) =>
    new ArchiveFault('ARCHIVE_KEY', `${where} ${reason}`, {
      hint: 'Keys are ed25519 in PEM, as `keelson-archive key` makes them.',
      ...(cause === undefined ? {} : {cause}),
    });
  let object: KeyObject;
  try {
    object = create(given ? key : readFileSync(key, 'latin1'));
  } catch (cause) {
    const {code = ''} = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw because('is not there');
    if (code === 'EACCES' || code === 'EISDIR') throw because('cannot be read', cause);
    throw because(`holds no ${what} key`, cause);
  }
  if (object.asymmetricKeyType !== 'ed25519')
    throw because(`is a key of type ${object.asymmetricKeyType}, not ed25519`);
  return object;
}
