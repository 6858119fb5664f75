import {refuseSink} from './refuse-sink.ts';
import {checkSettings, duration, flag, oneOf, size, word, type Setting, type Settings} from './setting.ts';

/** RFC 5424 §6.2.1, by their usual names; the place is the number. */
export const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'security',
  'console',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;

export type Facility = (typeof FACILITIES)[number];

/** A structured data element (RFC 5424 §6.3). */
export interface StructuredData {
  /** Registered with IANA, or `name@number` of your own. */
  readonly id: string;
  readonly params?: Readonly<Record<string, string>> | undefined;
}

export interface SyslogFields {
  /** Default `rfc5424`. */
  readonly format?: 'rfc5424' | 'rfc3164' | undefined;
  /** Default `user`. */
  readonly facility?: Facility | undefined;
  /** APP-NAME. Default: the tag. When given, the tag is the MSGID. */
  readonly app?: string | undefined;
  /** Default: this machine's. */
  readonly hostname?: string | undefined;
  /** A longer message is cut into several. Default 2048 over UDP (RFC 5426 §3.2), else 8192, as rsyslog takes it. */
  readonly length?: number | undefined;
  readonly sd?: StructuredData | undefined;
}

export interface SyslogSettings extends SyslogFields {
  /** How messages of a stream are told apart (RFC 6587): by their length, or by a newline. Default octet; unix: newline. */
  readonly framing?: 'octet' | 'newline' | undefined;
  /** How many milliseconds a peer may take nothing before it counts as failed. Default 5000. */
  readonly wait?: number | undefined;
}

export interface TlsSettings {
  /** PEM file of who signed the server's certificate. Default: the system's authorities that Node knows. */
  readonly ca?: string | undefined;
  /** PEM files of our own certificate and its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name that the server's certificate has to have. Default: the host. */
  readonly servername?: string | undefined;
  /** Default true. */
  readonly verify?: boolean | undefined;
}

interface SyslogHost extends SyslogSettings {
  readonly kind: 'syslog';
  readonly host: string;
  /** Default 514, tls: 6514. */
  readonly port?: number | undefined;
}

export type SyslogTlsSpec = SyslogHost & TlsSettings & {readonly transport: 'tls'};

export type SyslogSpec =
  | (SyslogHost & {readonly transport: 'udp' | 'tcp'})
  | SyslogTlsSpec
  | (SyslogSettings & {readonly kind: 'syslog'; readonly transport: 'unix'; readonly path: string});

const LARGEST_DATAGRAM = 65_507;

// RFC 5424 §6.3.2: PRINTUSASCII without `=`, blank, `]` and `"`.
const SD_NAME = /^[!#-<>-\\^-~]{1,32}$/;

const structuredData: Setting<StructuredData> = {
  says: 'ID or ID,NAME=VALUE,… with an ID such as app@32473',
  encoded: true, // a value may hold a comma
  read(text) {
    const [id = '', ...pairs] = text.split(',');
    const params = pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2).map(decodeURIComponent));
    return pairs.every((pair) => pair.includes('='))
      ? {id: decodeURIComponent(id), params: Object.fromEntries(params)}
      : undefined;
  },
  allows(value) {
    const {id, params = {}} = value as StructuredData;
    return typeof id === 'string' && [id, ...Object.keys(params)].every((name) => SD_NAME.test(name));
  },
};

/** RFC 5424 wants 480 at least; below there is hardly room behind the header. */
const length: Setting<number> = {
  ...size,
  says: 'a size from 480',
  allows: (value) => Number.isSafeInteger(value) && (value as number) >= 480,
};

const fields: Settings<SyslogFields> = {
  format: oneOf('rfc5424', 'rfc3164'),
  facility: oneOf(...FACILITIES),
  app: word,
  hostname: word,
  length,
  sd: structuredData,
};

const stream: Settings<SyslogSettings> = {...fields, framing: oneOf('octet', 'newline'), wait: duration};

const tls: Settings<SyslogSettings & TlsSettings> = {
  ...stream,
  ca: word,
  cert: word,
  key: word,
  servername: word,
  verify: flag,
};

export const syslogSettings = {udp: fields, tcp: stream, tls, unix: stream} as const;

/** Refuses settings that there are not, and what does not go together. */
export function checkSyslogSpec(spec: SyslogSpec): void {
  const {kind: _, transport, ...values} = spec;
  const kind = `syslog+${transport}`;
  if (!Object.hasOwn(syslogSettings, transport))
    refuseSink(`syslog: transport has to be one of ${Object.keys(syslogSettings).join(', ')}`);
  const {host, port, path, ...settings} = values as {host?: string; port?: number; path?: string};
  checkSettings(settings, syslogSettings[transport] as Settings<object>, kind);
  if (!(transport === 'unix' ? path : host))
    refuseSink(`${kind}: a ${transport === 'unix' ? 'path' : 'host'} is missing`);
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    refuseSink(`${kind}: ${port} is no port`);
  if (transport === 'udp' && (spec.length ?? 0) > LARGEST_DATAGRAM)
    refuseSink(`${kind}: no datagram is longer than ${LARGEST_DATAGRAM}`);
  if (spec.sd && spec.format === 'rfc3164')
    refuseSink(`${kind}: rfc3164 has no structured data`, 'Leave sd out.');
  if (transport === 'tls' && (spec.cert === undefined) !== (spec.key === undefined))
    refuseSink(`${kind}: cert and key go together`);
}
