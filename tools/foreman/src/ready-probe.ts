import {request} from 'node:http';
import {connect} from 'node:net';
import type {Readable} from 'node:stream';
import {setTimeout as delay} from 'node:timers/promises';
import {stripVTControlCharacters} from 'node:util';
import type {ReadyConfig} from '@keelson/manifest';
import type {AwaitReady} from './await-ready.ts';
import type {ProcessPlan} from './process-plan.ts';
import type {RunningProcess} from './running-process.ts';

// A server on `localhost` may have taken either of them.
const LOOPBACK = ['127.0.0.1', '::1'];
const TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;
const ANSWER_MS = 5000;
/** More of a line is not looked at. */
const MAX_LINE = 16_384;

type Condition =
  | {readonly line: RegExp}
  | {readonly port: number}
  | {readonly http: string; readonly port: number};

/** Waits as `plan.ready` says. Call it in the tick in which the process was started: lines that came before are not seen. */
export const awaitReady: AwaitReady = async (plan, running, signal) => {
  if (plan.ready === undefined) return {ready: true};
  const condition = conditionOf(plan, plan.ready);
  if (condition === undefined) return {ready: false, because: 'it has no PORT to look at (--no-port)'};
  const {timeoutMs = TIMEOUT_MS} = plan.ready;
  const tooLate = AbortSignal.timeout(timeoutMs);
  try {
    await holds(condition, running, AbortSignal.any([signal, tooLate]));
    return {ready: true};
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (!tooLate.aborted) throw error;
    return {ready: false, because: `it did not ${describe(condition)} within ${timeoutMs / 1000} s`};
  }
};

function conditionOf(plan: ProcessPlan, {line, http, port}: ReadyConfig): Condition | undefined {
  if (line !== undefined) return {line: new RegExp(line)};
  const at = typeof port === 'number' ? port : plan.port;
  if (at === undefined) return undefined;
  return http === undefined ? {port: at} : {http, port: at};
}

function describe(condition: Condition): string {
  if ('line' in condition) return `print a line that matches ${condition.line}`;
  if ('http' in condition) return `answer GET ${condition.http} on port ${condition.port} with 2xx or 3xx`;
  return `listen on port ${condition.port}`;
}

function holds(condition: Condition, {stdout, stderr}: RunningProcess, signal: AbortSignal): Promise<void> {
  if ('line' in condition)
    return printed(condition.line, stderr === undefined ? [stdout] : [stdout, stderr], signal);
  if ('http' in condition) return again(() => answers(condition.port, condition.http), signal);
  return again(() => accepts(condition.port), signal);
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
  return tried.some((status) => status >= 200 && status < 400);
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
