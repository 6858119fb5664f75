import type {Readable} from 'node:stream';

import {CliFault} from './fault.ts';

// Values that travel between steps are a few kilobytes; this only keeps a wrong pipe from filling the memory.
const MAX_BYTES = 64 * 1024 * 1024;

const HINT =
  '`-` reads the value that another step prints with --json: keelson build . --json | keelson publish - URL';

async function readText(input: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stop = () => input.destroy();
  signal.addEventListener('abort', stop, {once: true});
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_BYTES)
        throw new CliFault('INPUT_TOO_LARGE', `stdin holds more than ${MAX_BYTES} bytes`, {hint: HINT});
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  return Buffer.concat(chunks).toString('utf8');
}

/** The message of a step that failed further up the pipe, when that is what it printed. */
function failureIn(value: unknown): string | undefined {
  const {error} = (typeof value === 'object' && value !== null ? value : {}) as {error?: {message?: unknown}};
  return typeof error === 'object' && error !== null && typeof error.message === 'string'
    ? error.message
    : undefined;
}

/**
 * One JSON value from a stream.
 * @throws CliFault INPUT_MISSING (a terminal, or nothing came), INPUT_NOT_JSON, INPUT_TOO_LARGE,
 * INPUT_FAILED (the step that should have printed the value printed its error)
 */
export async function readJsonInput(
  input: Readable & {isTTY?: boolean},
  signal: AbortSignal,
): Promise<unknown> {
  if (input.isTTY) throw new CliFault('INPUT_MISSING', 'nothing is piped into stdin', {hint: HINT});
  const text = await readText(input, signal);
  if (text.trim() === '')
    throw new CliFault('INPUT_MISSING', 'stdin is empty, a JSON value was expected', {hint: HINT});
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CliFault('INPUT_NOT_JSON', `stdin is not JSON: ${(cause as Error).message}`, {
      hint: HINT,
      cause,
    });
  }
  const failure = failureIn(value);
  if (failure !== undefined)
    throw new CliFault('INPUT_FAILED', `the step before this one failed: ${failure}`);
  return value;
}
