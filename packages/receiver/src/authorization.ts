import {createHash, timingSafeEqual} from 'node:crypto';
import type {IncomingMessage} from 'node:http';
import {ReceiverFault} from './fault.ts';

/** Why a request may not come in; undefined for one that may. */
export type Door = (
  request: IncomingMessage,
) => {readonly status: 401 | 403; readonly because: string} | undefined;

const MIN_TOKEN = 8;

/** Faults: RECEIVER_NEEDS_TOKEN (an address that others reach, and no token), RECEIVER_BAD_TOKEN. */
export function createDoor(host: string, token: string | undefined): Door {
  if (token !== undefined) {
    // A token of unlucky characters could not be typed into a URL or a prompt; a short one can be guessed.
    if (token.length < MIN_TOKEN || /[^\x21-\x7e]/.test(token))
      throw new ReceiverFault(
        'RECEIVER_BAD_TOKEN',
        `the token has fewer than ${MIN_TOKEN} characters, blanks, or characters outside of ASCII`,
        {hint: 'Make one with: head -c 24 /dev/urandom | base64'},
      );
    return (request) =>
      knows(request.headers.authorization, token)
        ? undefined
        : {status: 401, because: 'A token is needed as password: http://keelson:TOKEN@host/app.git'};
  }
  if (!isLoopback(host))
    throw new ReceiverFault(
      'RECEIVER_NEEDS_TOKEN',
      `${host} can be reached by others, and there is no token`,
      {
        hint: 'Give a token, or listen on 127.0.0.1.',
      },
    );
  // A web page may point its own name to 127.0.0.1 (DNS rebinding); its requests carry that name.
  return (request) =>
    isLoopback(hostname(request.headers.host ?? ''))
      ? undefined
      : {status: 403, because: 'Without a token this receiver answers to localhost alone.'};
}

/** Basic or Bearer; the user name is not looked at. Compared as hashes: equally long, in constant time. */
function knows(header: string | undefined, token: string): boolean {
  const [, scheme = '', value = ''] = /^(basic|bearer) +(\S+)$/i.exec(header ?? '') ?? [];
  const text = scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8') : `:${value}`;
  const password = text.slice(text.indexOf(':') + 1);
  return timingSafeEqual(hash(password), hash(token));
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
