import {request} from 'node:http';
import {connect} from 'node:net';
import type {Readable} from 'node:stream';
import {setTimeout as delay} from 'node:timers/promises';
import {stripVTControlCharacters} from 'node:util';
import type {ReadyCondition} from './ready-condition.ts';

// A server on `localhost` may have taken either of them.
const LOOPBACK = ['127.0.0.1', '::1'];
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;
const ANSWER_MS = 5000;
/** More of a line is not looked at. */
const MAX_LINE = 16_384;

export interface ReadyProcess {
  /** Its PORT; undefined when it was given none. */
  readonly port: number | undefined;
  readonly outputs: readonly Readable[];
}

type Probe<Kind> = (
  condition: Extract<ReadyCondition, {kind: Kind}>,
  process: ReadyProcess,
  signal: AbortSignal,
) => Promise<void>;

const PROBES: {readonly [Kind in ReadyCondition['kind']]: Probe<Kind>} = {
  line: ({pattern}, {outputs}, signal) => printed(pattern, outputs, signal),
  port: async ({port}, process, signal) => again(() => accepts(port ?? process.port!), signal),
  http: async ({path}, process, signal) => again(() => answers(process.port!, path), signal),
};

/** What is waited for, as the end of "it did not …". */
export function describeCondition(condition: ReadyCondition, port: number | undefined): string {
  if (condition.kind === 'line') return `print a line that matches ${condition.pattern}`;
  if (condition.kind === 'port') return `listen on port ${condition.port ?? port}`;
  return `answer GET ${condition.path} on port ${port} with 2xx`;
}

/**
 * Resolves when the condition holds; rejects when `signal` is aborted. Call it in the tick in which the process was
 * started: what it printed before is not seen.
 */
export function becameReady(
  condition: ReadyCondition,
  process: ReadyProcess,
  signal: AbortSignal,
): Promise<void> {
  return (PROBES[condition.kind] as Probe<ReadyCondition['kind']>)(condition as never, process, signal);
}

function printed(pattern: RegExp, outputs: readonly Readable[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stops: (() => void)[] = [];
    const finish = (settle: () => void) => {
      for (const stop of stops) stop();
      settle();
    };
    for (const stream of outputs) {
      let rest = '';
      const onData = (chunk: Buffer | string) => {
        // Latin-1 would do for the newlines, but the pattern may hold any character: UTF-8, torn ones aside.
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop()!.slice(0, MAX_LINE);
        if (lines.some((line) => matches(pattern, line))) finish(resolve);
      };
      const onEnd = () => {
        if (rest !== '' && matches(pattern, rest)) finish(resolve);
      };
      stream.on('data', onData).once('end', onEnd);
      stops.push(() => stream.off('data', onData).off('end', onEnd));
    }
    const onAbort = () => finish(() => reject(signal.reason as Error));
    signal.addEventListener('abort', onAbort, {once: true});
    stops.push(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}

function matches(pattern: RegExp, line: string): boolean {
  return pattern.test(stripVTControlCharacters(line.slice(0, MAX_LINE).replace(/\r$/, '')));
}

async function again(attempt: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  for (let pause = FIRST_PAUSE_MS; !(await attempt()); pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS))
    await delay(pause, undefined, {signal});
  signal.throwIfAborted();
}

async function accepts(port: number): Promise<boolean> {
  const tried = await Promise.all(LOOPBACK.map((host) => acceptsAt(host, port)));
  return tried.includes(true);
}

function acceptsAt(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({host, port, timeout: ANSWER_MS});
    const settle = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}

async function answers(port: number, path: string): Promise<boolean> {
  const tried = await Promise.all(LOOPBACK.map((host) => statusAt(host, port, path)));
  return tried.some((status) => status >= 200 && status < 300);
}

function statusAt(host: string, port: number, path: string): Promise<number> {
  return new Promise((resolve) => {
    const headers = {host: `localhost:${port}`, 'user-agent': 'keelson-foreman', connection: 'close'};
    const sent = request({host, port, path, headers, agent: false, timeout: ANSWER_MS}, (response) => {
      response.on('error', () => {}).resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once('timeout', () => sent.destroy());
    sent.on('error', () => resolve(0));
    sent.end();
  });
}
