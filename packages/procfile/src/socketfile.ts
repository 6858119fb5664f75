import {dirname, join, resolve} from 'node:path';

import type {StepOptions} from '@keelson/step';

import {MAX_PORT} from './base-port.ts';
import {ProcfileFault} from './fault.ts';
import {parseLine, quote, type ProcessType} from './parse-line.ts';
import type {Procfile} from './procfile.ts';
import {readText} from './read-text.ts';

export type ListenAddress =
  | {readonly type: 'tcp'; readonly host: string; readonly port: number}
  | {readonly type: 'unix'; readonly path: string};

/** A socket that is bound before the process starts, and handed to it as LISTEN_FDS says. */
export interface ProcessSocket {
  /** A name of the Procfile. */
  readonly process: string;
  /** For LISTEN_FDNAMES; undefined: it has none. */
  readonly name: string | undefined;
  readonly listen: ListenAddress;
  readonly line: number;
}

export interface Socketfile {
  readonly kind: 'socketfile';
  readonly sockets: readonly ProcessSocket[];
}

// LISTEN_FDNAMES is a list with colons between the names: sd_listen_fds_with_names(3).
const NAMED = /^(?:([A-Za-z0-9_.-]+)=)?(.+)$/;
const TCP = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]*)):)?(\d{1,5})$/;
// sun_path has 108 bytes with the NUL: unix(7).
const MAX_SOCKET_PATH = 107;

/**
 * Text of a Socketfile, as proposed for foreman (ddollar/foreman#816): `web: http=:3000 admin=[::1]:3001`, `api: unix:///run/api.sock`.
 * An address is `HOST:PORT`, `:PORT` or `PORT` (all interfaces), also with `tcp://` in front, or `unix:///PATH`.
 * With a Procfile each process has to be one of its types. Throws PROCFILE_SYNTAX or PROCFILE_DUPLICATE naming every bad line.
 */
export function parseSocketfile(
  text: string,
  options: {readonly path?: string | undefined; readonly procfile?: Procfile | undefined} = {},
): Socketfile {
  const {path = 'Socketfile', procfile} = options;
  const sockets: ProcessSocket[] = [];
  const problems: string[] = [];
  const processes = new Set<string>();
  for (const [index, content] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n|\r$/)
    .entries()) {
    const type = parseLine(content, index + 1);
    if (type === undefined) continue;
    const read = typeof type === 'string' ? type : readSockets(type, sockets);
    if (typeof read === 'string') problems.push(`${path}:${index + 1}: ${read}`);
    if (typeof type === 'string') continue;
    if (processes.has(type.name)) problems.push(`${path}:${type.line}: ${type.name} has a line already`);
    processes.add(type.name);
    if (procfile !== undefined && !procfile.types.some(({name}) => name === type.name))
      problems.push(`${path}:${type.line}: the Procfile defines no process ${type.name}`);
    if (typeof read === 'object') sockets.push(...read);
  }
  if (problems.length > 0)
    throw new ProcfileFault('PROCFILE_SYNTAX', problems.join('\n'), {
      hint: 'Each line is `process: name=ADDRESS …`, where ADDRESS is [HOST]:PORT or unix:///PATH.',
    });
  return {kind: 'socketfile', sockets};
}

/**
 * The Socketfile beside the Procfile `options.procfilePath` (default `<dir>/Procfile`); undefined: there is none.
 * Faults: those of `parseSocketfile`, PROCFILE_MISSING for one that cannot be read.
 */
export async function readSocketfile(
  dir: string,
  options: StepOptions & {
    readonly procfilePath?: string | undefined;
    readonly procfile?: Procfile | undefined;
  } = {},
): Promise<Socketfile | undefined> {
  const {procfilePath = 'Procfile', procfile, signal} = options;
  const path = join(dirname(procfilePath), 'Socketfile');
  const text = await readText(resolve(dir, path), path, {signal});
  return text === undefined ? undefined : parseSocketfile(text, {path, procfile});
}

/** The sockets of a line, or why it is none. */
function readSockets({name: process, command, line}: ProcessType, earlier: readonly ProcessSocket[]) {
  const sockets: ProcessSocket[] = [];
  for (const word of command.split(/[ \t]+/)) {
    const [, name, address = ''] = NAMED.exec(word) ?? [];
    const listen = readAddress(address);
    if (typeof listen === 'string') return `${quote(word)} ${listen}`;
    const same = [...earlier, ...sockets].find((one) => isSame(one.listen, listen));
    if (same !== undefined) return `${quote(word)} is already bound for ${same.process} in line ${same.line}`;
    sockets.push({process, name, listen, line});
  }
  return sockets;
}

function readAddress(address: string): ListenAddress | string {
  const [, scheme, rest = ''] = /^([a-z]+):\/\/(.*)$/i.exec(address) ?? [];
  if (scheme === 'unix') return readPath(rest);
  if (scheme !== undefined && scheme !== 'tcp') return 'is neither tcp:// nor unix://';
  const match = TCP.exec(scheme === undefined ? address : rest);
  if (match === null) return 'is no address';
  const [, ipv6, host, digits] = match;
  const port = Number(digits);
  if (port < 1 || port > MAX_PORT) return `has no port from 1 to ${MAX_PORT}`;
  return {type: 'tcp', host: ipv6 ?? (host || '::'), port};
}

function readPath(path: string): ListenAddress | string {
  if (!path.startsWith('/')) return 'has no absolute path (unix:///PATH)';
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) return `has a path of more than ${MAX_SOCKET_PATH} bytes`;
  return {type: 'unix', path};
}

function isSame(one: ListenAddress, other: ListenAddress): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
