import {launch, run, SpawnFault, type Child, type Output} from '@keelson/spawn';
import {withoutCredentials} from '@keelson/git';
import {PublisherFault} from '../fault.ts';
import {patienceOf} from '../patience.ts';
import type {PublishOptions} from '../publish.ts';

/** A machine that the system's ssh reaches. */
export interface Machine {
  /** As it may be printed. */
  readonly where: string;
  /** `[user@]host` */
  readonly host: string;
  readonly port: string | undefined;
  /** The URL's path, decoded; without its first slash for `/~/…`. */
  readonly path: string;
}

export function machineOf(address: string): Machine {
  const url = new URL(address.replace(/^\w+:/, 'https:')); // URL keeps user and host of schemes that it knows
  const user = url.username === '' ? '' : `${decodeURIComponent(url.username)}@`;
  const path = decodeURIComponent(url.pathname);
  return {
    where: withoutCredentials(address),
    host: user + url.hostname.replace(/^\[|\]$/g, ''),
    port: /^\w+:\/\/[^/]*?:(\d+)\//.exec(address)?.[1],
    path: path.startsWith('/~/') ? path.slice('/~/'.length) : path,
  };
}

/** What starts ssh (or sftp, with the same options) to a machine: never asks, and runs in no terminal. */
export function sshWords({host, port}: Machine, options: PublishOptions, program: 'ssh' | 'sftp' = 'ssh') {
  const words = options.ssh?.command ?? 'ssh';
  const start = program === 'ssh' ? words : words.replace(/^(\S*\/)?ssh(?=\s|$)/, '$1sftp');
  const seconds = Math.max(1, Math.ceil(patienceOf(options).stallMs / 1000));
  // After the user's own words: of the same option ssh takes the first.
  const line = `${start} -oBatchMode=yes -oConnectTimeout=${seconds} -oServerAliveInterval=${Math.ceil(seconds / 4)} "$@"`;
  const flag = program === 'ssh' ? '-p' : '-P';
  const at = port === undefined ? [] : [flag, port];
  return {
    command: line,
    shell: true,
    args: [...(program === 'sftp' ? ['-b', '-'] : []), ...at, '--', host],
  };
}

/** Runs a command there; each of its lines is told while it runs. Faults: as `connectionFault`. */
export async function runThere(
  machine: Machine,
  {command, timeoutMs}: {readonly command: string; readonly timeoutMs?: number | undefined},
  options: PublishOptions,
): Promise<Output> {
  const {args, ...words} = sshWords(machine, options);
  const {signal, onEvent} = options;
  const tell = (line: string) => onEvent?.({type: 'publisher:remote', line});
  try {
    const accept = Array.from({length: 255}, (_, code) => code);
    const limits = {signal, accept, timeoutMs};
    return await run({...words, args: [...args, command]}, {...limits, onEvent: ({line}) => tell(line)});
  } catch (error) {
    throw connectionFault(machine, error);
  }
}

/** Starts a command there that is fed on stdin. */
export async function startThere(machine: Machine, command: string, options: PublishOptions): Promise<Child> {
  const {args, ...words} = sshWords(machine, options);
  return await launch(
    {...words, args: [...args, command], stdin: 'pipe'},
    {signal: options.signal, graceMs: 2000},
  );
}

/** ssh exits 255 when it could not get through; what it says tells why. */
export function connectionFault({where}: Machine, failure: unknown): unknown {
  const output = failure instanceof SpawnFault ? failure.output : undefined;
  const said = typeof failure === 'string' ? failure : output?.stderr;
  if (said === undefined) return failure;
  const silent = failure instanceof SpawnFault && failure.code === 'SPAWN_TIMEOUT';
  const reason = silent ? 'it comes to no end' : lastWords(said) || 'the connection ended without a word';
  if (/Permission denied|Host key verification failed|Too many authentication failures/i.test(said))
    return new PublisherFault('PUBLISHER_AUTH', `cannot publish to ${where}: ${reason}`, {
      hint: 'ssh needs a key that is accepted there (ssh-add), and the host in known_hosts.',
    });
  const permanent = /Bad owner|Bad configuration|usage:|unknown option|not found/i.test(said);
  return new PublisherFault('PUBLISHER_UNREACHABLE', `cannot publish to ${where}: ${reason}`, {
    temporary: !permanent,
  });
}

/** The last line; of sftp the one before, in which ssh tells why there is no connection. */
function lastWords(said: string): string | undefined {
  const lines = said.trim().split(/\s*\n/);
  return lines.findLast((line) => !/^Connection closed\.?$/.test(line)) ?? lines.at(-1);
}

/** The fault of a program that was stopped because there was no sign of life. */
export function silenceFault({where}: Machine, silentMs: number): PublisherFault {
  return new PublisherFault(
    'PUBLISHER_UNREACHABLE',
    `cannot publish to ${where}: nothing came from there for ${silentMs / 1000} s`,
    {temporary: true},
  );
}

/** One word for a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
