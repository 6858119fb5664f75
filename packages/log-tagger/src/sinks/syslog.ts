import {readFile} from 'node:fs/promises';
import {connect, isIP, type Socket} from 'node:net';
import {hostname} from 'node:os';

import type {Sink} from '../sink.ts';
import {newlineFrameEnd, octetFrameEnd} from './frames.ts';
import type {SinkOptions} from './sink-options.ts';
import {codeOf, sinkError} from './sink-error.ts';
import {connectionOf, type SocketOptions} from './socket-connection.ts';
import {StreamSink, type Connection, type StreamSinkOptions} from './stream-sink.ts';
import {syslogFormat} from './syslog-format.ts';
import type {SyslogSpec, SyslogTlsSpec} from './syslog-spec.ts';
import {UdpSink} from './udp-sink.ts';

const WAIT_MS = 5000;
const PATIENCE = 6;
// RFC 5426 §3.2: what a receiver should take. rsyslog takes 8 KiB unless told otherwise.
const LENGTHS = {udp: 2048, tcp: 8192, tls: 8192, unix: 8192};

/** Lines as syslog messages, to a machine or to a unix socket. */
export function syslogSink(spec: SyslogSpec, {now = Date.now}: SinkOptions): Sink {
  const {transport, length = LENGTHS[transport]} = spec;
  const framing =
    transport === 'udp' ? 'octet' : (spec.framing ?? (transport === 'unix' ? 'newline' : 'octet'));
  const format = syslogFormat({...spec, hostname: spec.hostname ?? hostname(), length, framing, now});
  const name = nameOf(spec);
  if (transport === 'udp') return new UdpSink({name, format, host: spec.host, port: portOf(spec)});
  const waitMs = spec.wait ?? WAIT_MS;
  return new StreamSink({
    name,
    format,
    frameEnd: framing === 'octet' ? octetFrameEnd : newlineFrameEnd,
    waitMs,
    patienceMs: PATIENCE * waitMs,
    connect: connectTo(spec, waitMs),
  });
}

function connectTo(spec: SyslogSpec, waitMs: number): StreamSinkOptions['connect'] {
  if (spec.transport === 'tls')
    return async (lost) => connectionOf(await tlsSocket(spec), {ready: 'secureConnect', waitMs, lost});
  if (spec.transport === 'unix') return (lost) => connectLocally(spec.path, {waitMs, lost});
  const {host} = spec;
  return (lost) => connectionOf(connect({host, port: portOf(spec)}), {ready: 'connect', waitMs, lost});
}

async function connectLocally(path: string, on: Omit<SocketOptions, 'ready'>): Promise<Connection> {
  try {
    return await connectionOf(connect({path}), {...on, ready: 'connect'});
  } catch (error) {
    if (codeOf(error) !== 'EPROTOTYPE') throw error;
    throw sinkError('EPROTOTYPE', `${path} takes datagrams, as /dev/log does: write logger:?socket=${path}`);
  }
}

async function tlsSocket(spec: SyslogTlsSpec): Promise<Socket> {
  const {connect: connectTls} = await import('node:tls');
  const {host, servername = isIP(host) ? undefined : host, verify = true} = spec;
  const files = {ca: spec.ca, cert: spec.cert, key: spec.key};
  const pem = await Promise.all(
    Object.entries(files).flatMap(([name, path]) => (path === undefined ? [] : [readPem(name, path)])),
  );
  return connectTls({
    host,
    port: portOf(spec),
    ...Object.fromEntries(pem),
    ...(servername === undefined ? {} : {servername}),
    rejectUnauthorized: verify,
  });
}

async function readPem(name: string, path: string): Promise<[string, Buffer]> {
  return [name, await readFile(path)];
}

function portOf(spec: Exclude<SyslogSpec, {transport: 'unix'}>): number {
  return spec.port ?? (spec.transport === 'tls' ? 6514 : 514);
}

function nameOf(spec: SyslogSpec): string {
  if (spec.transport === 'unix') return `syslog+unix:${spec.path}`;
  const host = spec.host.includes(':') ? `[${spec.host}]` : spec.host;
  return `syslog+${spec.transport}://${host}:${portOf(spec)}`;
}
