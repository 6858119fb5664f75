import {nearest} from '@keelson/cli-kit/nearest';
import {fifoSettings} from './sinks/fifo-spec.ts';
import {fileSettings} from './sinks/file-spec.ts';
import {journaldSettings, loggerSettings} from './sinks/local-log-spec.ts';
import {refuseSink} from './sinks/refuse-sink.ts';
import {readQuery} from './sinks/setting.ts';
import type {SinkSpec} from './sinks/sink-spec.ts';
import {syslogSettings} from './sinks/syslog-spec.ts';

/** What stands between `scheme:` and `?`, and behind it. */
type Read = (rest: string, query: string) => SinkSpec;

const SCHEMES = {
  stdout: (rest, query) => ({
    kind: 'stdout',
    ...nothing('stdout', rest),
    ...readQuery<object>(query, {}, 'stdout'),
  }),
  stderr: (rest, query) => ({
    kind: 'stderr',
    ...nothing('stderr', rest),
    ...readQuery<object>(query, {}, 'stderr'),
  }),
  file: (rest, query) => ({
    kind: 'file',
    path: pathOf('file', rest),
    ...readQuery(query, fileSettings, 'file'),
  }),
  fifo: (rest, query) => ({
    kind: 'fifo',
    path: pathOf('fifo', rest),
    ...readQuery(query, fifoSettings, 'fifo'),
  }),
  'syslog+udp': (rest, query) => ({
    kind: 'syslog',
    transport: 'udp',
    ...hostOf('syslog+udp', rest),
    ...readQuery(query, syslogSettings.udp, 'syslog+udp'),
  }),
  'syslog+tcp': (rest, query) => ({
    kind: 'syslog',
    transport: 'tcp',
    ...hostOf('syslog+tcp', rest),
    ...readQuery(query, syslogSettings.tcp, 'syslog+tcp'),
  }),
  'syslog+tls': (rest, query) => ({
    kind: 'syslog',
    transport: 'tls',
    ...hostOf('syslog+tls', rest),
    ...readQuery(query, syslogSettings.tls, 'syslog+tls'),
  }),
  'syslog+unix': (rest, query) => ({
    kind: 'syslog',
    transport: 'unix',
    path: pathOf('syslog+unix', rest),
    ...readQuery(query, syslogSettings.unix, 'syslog+unix'),
  }),
  logger: (rest, query) => ({
    kind: 'logger',
    ...nothing('logger', rest),
    ...readQuery(query, loggerSettings, 'logger'),
  }),
  journald: (rest, query) => ({
    kind: 'journald',
    ...nothing('journald', rest),
    ...readQuery(query, journaldSettings, 'journald'),
  }),
} satisfies Record<string, Read>;

/**
 * Reads a destination: `stdout` or `-`, `stderr`, `file:PATH?size=10M&keep=5` (or a PATH with a slash or a dot), `fifo:PATH`,
 * `syslog+udp://HOST:PORT`, `syslog+tcp:…`, `syslog+tls:…`, `syslog+unix:PATH`, `logger:`, `journald:`, `|SHELL LINE` or
 * `command:SHELL LINE`. Faults: TAGGER_SINK_INVALID, naming the nearest word for one that is misspelled.
 */
export function parseSink(text: string): SinkSpec {
  if (text === '-') return {kind: 'stdout'};
  if (text.startsWith('|')) return commandOf(text.slice(1));
  const [, scheme = '', colon = '', after = ''] = /^([a-z0-9+]*)(:?)([^]*)$/i.exec(text)!;
  // A shell line may hold any question mark.
  if (scheme === 'command' && colon) return commandOf(after);
  const [rest, query] = splitQuery(after);
  if (Object.hasOwn(SCHEMES, scheme) && (colon || rest === ''))
    return SCHEMES[scheme as keyof typeof SCHEMES](rest, query);
  if (/[/.]/.test(splitQuery(text)[0]) && !/^[a-z0-9+]+:\/\//i.test(text))
    return SCHEMES.file(...splitQuery(text));
  return refuseScheme(text, scheme);
}

function refuseScheme(text: string, scheme: string): never {
  const known = [...Object.keys(SCHEMES), 'command'];
  const near = nearest(scheme, known);
  return refuseSink(
    `${JSON.stringify(text.replace(/[^/\s]*@/, '***@'))} is no place for a log`,
    near === undefined || near === scheme
      ? `Known are ${known.join(', ')} and |COMMAND; the path of a file holds a slash or a dot.`
      : `Did you mean ${near}?`,
  );
}

function splitQuery(text: string): [rest: string, query: string] {
  const at = text.indexOf('?');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function nothing(kind: string, rest: string): object {
  return rest === '' ? {} : refuseSink(`${kind}: takes no ${JSON.stringify(rest)}`);
}

/** `file:///var/log/app.log` is the same as `file:/var/log/app.log`. */
function pathOf(kind: string, rest: string): string {
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  if (path === '' || path.includes('\0')) refuseSink(`${kind}: a path is missing`, `Write ${kind}:PATH.`);
  if (path.endsWith('/')) refuseSink(`${kind}: ${path} names a directory`, `Write ${kind}:${path}NAME.`);
  if (path.startsWith('//')) refuseSink(`${kind}: ${path} names a machine`, `Write ${kind}:PATH.`);
  return path;
}

function hostOf(kind: string, rest: string): {host: string; port?: number} {
  if (rest.includes('@'))
    refuseSink(`${kind}: syslog knows no user and no password`, `Write ${kind}://HOST:PORT.`);
  const match = /^\/\/(\[[0-9a-f:.]+\]|[^\s:/[\]]+)(?::(\d{1,5}))?\/?$/i.exec(rest);
  if (!match) refuseSink(`${kind}:${rest} has to be ${kind}://HOST:PORT`);
  const host = match[1]!.replace(/^\[(.*)\]$/, '$1');
  return match[2] === undefined ? {host} : {host, port: Number(match[2])};
}

function commandOf(line: string): SinkSpec {
  const command = line.trim();
  return command === ''
    ? refuseSink('|: a command is missing', 'Write |COMMAND.')
    : {kind: 'command', command};
}
