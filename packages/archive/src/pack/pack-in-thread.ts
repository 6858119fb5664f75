import {Worker} from 'node:worker_threads';
import type {StepOptions} from '@keelson/step';
import {ArchiveFault, type ArchiveFaultCode} from '../fault.ts';
import type {Packed, PackEvent, PackMessage, PackOrder} from './pack-order.ts';

/**
 * Packs in a thread of its own, so that the caller's timers and sockets go on. Faults: as packTree. When it was aborted the thread has
 * ended before this rejects: it writes nothing any more.
 */
export async function packInThread(order: PackOrder, options: StepOptions<PackEvent>): Promise<Packed> {
  const {signal} = options;
  signal?.throwIfAborted();
  const worker = new Worker(new URL('./pack-worker.js', import.meta.url), {
    workerData: order,
    execArgv: [], // what Node was started with (--input-type, --inspect-brk …) is not meant for us
    resourceLimits: {maxYoungGenerationSizeMb: 2}, // otherwise its garbage takes 30 MB more; it is no slower
  });
  let abort!: () => void;
  try {
    return await new Promise<Packed>((resolve, reject) => {
      abort = () => reject(signal?.reason as Error);
      signal?.addEventListener('abort', abort, {once: true});
      worker.on('message', (message: PackMessage) => {
        if ('packed' in message) resolve(message.packed);
        else if (!('event' in message)) reject(errorOf(message));
        else if (signal?.aborted !== true) options.onEvent?.(message.event);
      });
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the packing thread ended too early')));
    });
  } finally {
    signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
}

function errorOf(message: Extract<PackMessage, {fault: unknown} | {error: unknown}>): Error {
  if ('error' in message) return Object.assign(new Error(message.error.message), message.error);
  const {code, message: text, hint, temporary} = message.fault;
  return new ArchiveFault(code as ArchiveFaultCode, text, {hint, temporary});
}
