import {closeSync, openSync, readdirSync, readSync} from 'node:fs';
import {join} from 'node:path';
import type {StepOptions} from '@keelson/step';
import {holdsCredentials} from './holds-credentials.ts';

export interface Secret {
  /** Relative to the app. */
  readonly path: string;
  /** What it looks like; never the secret itself. */
  readonly because: string;
  /** Counted from 1; undefined when the name alone says it. */
  readonly line?: number | undefined;
}

export interface SecretOptions extends StepOptions {
  /** Why a path does not go into the archive anyway; undefined for one that does. */
  readonly excluded: (path: string) => string | undefined;
  /** Paths that are known to be harmless, or meant to go out. */
  readonly allowed: readonly string[];
  /** Paths that must not go out, whatever they hold. */
  readonly forbidden?: ((path: string) => boolean) | undefined;
  /** What paths are told and allowed below, e.g. `packages/lib/`. Default: nothing. */
  readonly prefix?: string | undefined;
}

// What key files are called by the programs that write them.
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/, 'the name of an ssh key'],
  [/\.(p12|pfx|jks|keystore)$/i, 'a key store'],
  [/\.ppk$/i, 'a private key of PuTTY'],
  [/^([._]netrc|\.(pgpass|git-credentials|htpasswd|dockercfg))$/, 'a file of passwords'],
];

// As their issuers document them, so that they can be found: GitHub, npm, AWS, Slack, Stripe, Google, GitLab, SendGrid.
const CONTENTS: readonly (readonly [RegExp, string])[] = [
  // Also as a JSON string, whose newlines are `\n`; a program that only looks for the first line of a key holds none.
  [
    /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr])+(?:[A-Za-z0-9+/=]{16}|[A-Z][A-Za-z-]+:)/,
    'a private key',
  ],
  // The same lines as base64, as a kubeconfig and many a setting have them: RSA, DSA, PKCS 8, encrypted, EC, OpenSSH.
  [
    /LS0tLS1CRUdJTiB(?:[SE]U0EgUFJJVkFURS|QUklWQVRF|FTkNSWVBURUQgUFJJVkFURS|FQyBQUklWQVRF|PUEVOU1NIIFBSSVZBVEUg)[A-Za-z0-9+/]{40}/,
    'a private key in base64',
  ],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{60,}\b/, 'a token of GitHub'],
  [/\bnpm_[A-Za-z0-9]{36}\b/, 'a token of npm'],
  [/\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/, 'an access key of AWS'],
  [/\bxox[abeoprs]-\d{6,}-[A-Za-z0-9-]{10,}/, 'a token of Slack'],
  [/\b[rs]k_live_[A-Za-z0-9]{20,}/, 'a live key of Stripe'],
  [/\bAIza[A-Za-z0-9_-]{35}\b/, 'a key of Google'],
  [/\bglpat-[A-Za-z0-9_-]{20,}/, 'a token of GitLab'],
  [/\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b/, 'a key of SendGrid'],
];

// Keys are short texts; a bundle of several megabytes is worth looking at, a film is not.
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Files of the app itself that look like secrets: what dependencies bring along (their tests are full of keys) is theirs, and what does
 * not go into the archive does not matter. Sorted by path, one entry a file.
 */
export function findSecrets(dir: string, options: SecretOptions): Secret[] {
  const {allowed, excluded, forbidden, signal, prefix = ''} = options;
  const found: Secret[] = [];
  const harmless = new Set(allowed.map((path) => path.replace(/^(\.\/+)+/, '')));
  const buffer = Buffer.allocUnsafe(MAX_BYTES);
  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    signal?.throwIfAborted();
    for (const entry of readdirSync(join(dir, folder), {withFileTypes: true})) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (excluded(path) !== undefined || harmless.has(prefix + path)) continue;
      if (entry.isDirectory() && entry.name !== 'node_modules') todo.push(path);
      if (entry.isDirectory()) continue;
      const named = forbidden?.(path) === true ? FORBIDDEN : byName(entry.name);
      const secret =
        named ?? (entry.isFile() ? inFile(entry.name, firstBytes(join(dir, path), buffer)) : undefined);
      if (secret !== undefined) found.push({path: prefix + path, ...secret});
    }
  }
  return found.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function byName(name: string): Omit<Secret, 'path'> | undefined {
  const match = NAMES.find(([pattern]) => pattern.test(name));
  return match && {because: match[1]};
}

const FORBIDDEN = {because: 'a pattern says that it must not go out'};

function inFile(name: string, text: string): Omit<Secret, 'path'> | undefined {
  const settings = name === '.npmrc' || name === '.yarnrc.yml';
  return (
    byContent(text) ??
    (settings && holdsCredentials(text) ? {because: 'a token or password for a registry'} : undefined)
  );
}

function byContent(text: string): Omit<Secret, 'path'> | undefined {
  for (const [pattern, because] of CONTENTS) {
    const at = pattern.exec(text)?.index;
    if (at !== undefined) return {because, line: text.slice(0, at).split('\n').length};
  }
  return undefined;
}

/** Latin-1: one character a byte, nothing to go wrong, and all of these patterns are ASCII. */
function firstBytes(path: string, buffer: Buffer): string {
  const file = openSync(path, 'r');
  try {
    return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(file);
  }
}
