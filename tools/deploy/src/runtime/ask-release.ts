import {once} from 'node:events';
import {request, type IncomingMessage} from 'node:http';
import {text} from 'node:stream/consumers';
import {Fault} from '@keelson/step';

/** A fault of the release's program, with its own code. */
class ReleaseProgramFault extends Fault {}

interface Answer<T> {
  readonly value?: T;
  readonly fault?: {readonly code: string; readonly message: string; readonly hint?: string};
}

/** Asks the program of a release that systemd runs; undefined when none answers there. */
export async function askRelease<T>(
  socketPath: string,
  path: string,
  signal?: AbortSignal,
): Promise<{readonly value: T} | undefined> {
  const asked = request({socketPath, path, agent: false, ...(signal && {signal})});
  asked.end();
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const {value, fault} = JSON.parse(await text(response)) as Answer<T>;
    if (fault !== undefined) throw new ReleaseProgramFault(fault.code, fault.message, {hint: fault.hint});
    return {value: value as T};
  } catch (error) {
    signal?.throwIfAborted();
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '') || error instanceof SyntaxError)
      return undefined;
    throw error;
  }
}

const GONE = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);
