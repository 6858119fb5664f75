import {createHash, timingSafeEqual} from 'node:crypto';
import type {IncomingMessage} from 'node:http';
import {ReceiverFault} from './fault.ts';

/** A token as it is kept: whoever reads it cannot push with it. */
export interface AccessToken {
  /** Who pushes with it; told to `accept`. */
  readonly name: string;
  /** Hexadecimal sha-256 of the token. */
  readonly sha256: string;
  /** What it may push and fetch; default every app. */
  readonly apps?: readonly string[] | undefined;
}

/** Whom the door let in. */
export interface Visitor {
  readonly by?: string | undefined;
  readonly apps?: readonly string[] | undefined;
  readonly refused?: undefined;
}

/** Who asks; or why nobody may come in with this request. */
export type Door = (
  request: IncomingMessage,
) => Visitor | {readonly refused: 401 | 403; readonly because: string};

const MIN_TOKEN = 8;

/**
 * `tokens`: one that opens everything, or those that are known.
 * Faults: RECEIVER_NEEDS_TOKEN (an address that others reach, and no token), RECEIVER_BAD_TOKEN.
 */
export function createDoor(host: string, tokens: string | readonly AccessToken[] | undefined): Door {
  const known = typeof tokens === 'string' ? [onlyToken(tokens)] : (tokens ?? []);
  known.forEach(checkToken);
  if (known.length > 0) {
    return (request) =>
      whoKnows(request.headers.authorization, known) ?? {
        refused: 401,
        because: 'A token is needed as password: http://keelson:TOKEN@host/app.git',
      };
  }
  if (!isLoopback(host))
    throw new ReceiverFault(
      'RECEIVER_NEEDS_TOKEN',
      `${host} can be reached by others, and there is no token`,
      {hint: 'Give a token, or listen on 127.0.0.1.'},
    );
  // A web page may point its own name to 127.0.0.1 (DNS rebinding); its requests carry that name.
  return (request) =>
    isLoopback(hostname(request.headers.host ?? ''))
      ? {}
      : {refused: 403, because: 'Without a token this receiver answers to localhost alone.'};
}

/** What is kept of a token. Faults: RECEIVER_BAD_TOKEN. */
export function keptToken(name: string, token: string, apps?: readonly string[]): AccessToken {
  // A token of unlucky characters could not be typed into a URL or a prompt; a short one can be guessed.
  if (token.length < MIN_TOKEN || /[^\x21-\x7e]/.test(token))
    throw new ReceiverFault(
      'RECEIVER_BAD_TOKEN',
      `the token has fewer than ${MIN_TOKEN} characters, blanks, or characters outside of ASCII`,
      {hint: 'Make one with: head -c 24 /dev/urandom | base64'},
    );
  return {name, sha256: hash(token).toString('hex'), ...(apps === undefined ? {} : {apps})};
}

function onlyToken(token: string): AccessToken {
  return keptToken('token', token);
}

function checkToken({name, sha256}: AccessToken): void {
  if (/^[0-9a-f]{64}$/i.test(sha256)) return;
  throw new ReceiverFault(
    'RECEIVER_BAD_TOKEN',
    `what is kept of the token ${JSON.stringify(name)} is no sha-256`,
    {
      hint: 'Make one with: keelson-receive token NAME',
    },
  );
}

/** Basic or Bearer; the user name is not looked at. All of them are compared, as hashes: equally long, in constant time. */
function whoKnows(header: string | undefined, known: readonly AccessToken[]): Visitor | undefined {
  const [, scheme = '', value = ''] = /^(basic|bearer) +(\S+)$/i.exec(header ?? '') ?? [];
  const text = scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8') : `:${value}`;
  const given = hash(text.slice(text.indexOf(':') + 1));
  const [found] = known.filter(({sha256}) => timingSafeEqual(given, Buffer.from(sha256, 'hex')));
  return found === undefined ? undefined : {by: found.name, apps: found.apps};
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isLoopback(host: string): boolean {
  return /^(localhost|::1|127(\.\d{1,3}){3})$/.test(host);
}

/** `[::1]:80` → `::1` */
function hostname(header: string): string {
  return header
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}
