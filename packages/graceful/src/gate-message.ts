import type {DrainReport} from './drain.ts';
import type {ServerProtocol} from './tracked-server.ts';

/** From supervisor to worker, over the IPC channel. */
export type ToWorker =
  | {readonly keelson: 'open'}
  /** Asks for a `pong`, which comes as soon as the event loop turns. */
  | {readonly keelson: 'ping'}
  /** It will be drained soon: its health path says 503 from now on, and with `reply` it answers every new request so. */
  | {readonly keelson: 'leaving'; readonly reply?: 503 | undefined}
  | {
      readonly keelson: 'drain';
      readonly graceMs: number;
      readonly idleMs?: number | undefined;
      readonly upgradedMs?: number | undefined;
      readonly closeCode?: 1001 | 1012 | undefined;
    };

/** From worker to supervisor. */
export type FromWorker =
  /** The app listens on the held port, privately on `socket`. */
  | {readonly keelson: 'listening'; readonly socket: string; readonly protocol: ServerProtocol}
  /** It stopped doing so. */
  | {readonly keelson: 'closed'; readonly socket: string}
  /** The app listens on another port. */
  | {readonly keelson: 'elsewhere'; readonly port: number}
  | {readonly keelson: 'opened'}
  | {readonly keelson: 'pong'}
  | {readonly keelson: 'refused'; readonly because: string}
  | {readonly keelson: 'drained'; readonly reports: readonly DrainReport[]};

type Kind = (ToWorker | FromWorker)['keelson'];
type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const fields =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(checks).every(([name, check]) => check(Reflect.get(value, name)));
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const report = fields({connections: number, answered: number, cut: number, ms: number});

const KINDS: Readonly<Record<Kind, Check>> = {
  open: fields({}),
  ping: fields({}),
  leaving: fields({reply: oneOf(undefined, 503)}),
  drain: fields({
    graceMs: number,
    idleMs: maybe(number),
    upgradedMs: maybe(number),
    closeCode: oneOf(undefined, 1001, 1012),
  }),
  listening: fields({socket: text, protocol: oneOf('http', 'https', 'http2', 'http2s', 'other')}),
  closed: fields({socket: text}),
  elsewhere: fields({port: number}),
  opened: fields({}),
  pong: fields({}),
  refused: fields({because: text}),
  drained: fields({reports: list(report)}),
};

/** Whether a message is of our protocol, of whatever version: none of the app's business. */
export function isOurs(message: unknown): message is {readonly keelson: string} {
  return (
    typeof message === 'object' && message !== null && typeof Reflect.get(message, 'keelson') === 'string'
  );
}

/** True for a whole message of the protocol above; an app may send anything on the same channel, also what only begins like one. */
export function isGateMessage(message: unknown): message is ToWorker | FromWorker {
  return isOurs(message) && Object.hasOwn(KINDS, message.keelson) && KINDS[message.keelson as Kind](message);
}
