import type {Server} from 'node:net';
import type {StepOptions} from '@keelson/step';

export interface DrainOptions extends StepOptions {
  /** What an idle keep-alive connection gets for one last request. Default keepAliveTimeout + 1 s, at most 10 s. */
  readonly idleMs?: number | undefined;
  /** After this everything that is still open is cut. Default 30 000. */
  readonly graceMs?: number | undefined;
  /** What upgraded connections (WebSocket) get to close by themselves. Default graceMs. */
  readonly upgradedMs?: number | undefined;
}

export interface DrainReport {
  readonly kind: 'drain-report';
  /** Connections that were open when the drain began. */
  readonly connections: number;
  /** Requests that were answered during the drain. */
  readonly answered: number;
  /** Connections that the deadline cut in the middle of something. */
  readonly cut: number;
  readonly ms: number;
}

export async function drain(_server: Server, _options: DrainOptions = {}): Promise<DrainReport> {
  throw new Error('being written');
}
