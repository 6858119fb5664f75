import {OutputHistory} from './control-history.ts';
import type {Attachment, Runner} from './runner.ts';

export interface ControlOptions {
  /** Where to listen. Default: a path that follows from the app's folder. */
  readonly socket?: string | undefined;
  /** XDG_RUNTIME_DIR. */
  readonly runtimeDirectory: string | undefined;
}

/** A person needs longer to get to another terminal, and what only that one needs shall not be in the way of the first line. */
const LATER_MS = 250;
const AFTER_OUTPUT_MS = 50;

/** Lets a second terminal see and control the processes. Throws FOREMAN_CONTROL when a socket that was named cannot be had. */
export const controlAttachment =
  (options: ControlOptions): Attachment =>
  async (runner) => {
    const later = firstOf(LATER_MS);
    const histories = new Map(runner.plan.processes.map(({name}) => [name, new OutputHistory(name)]));
    let printed = false;
    const forget = runner.onOutput((name, kind, chunk) => {
      histories.get(name)?.add(kind, chunk);
      if (!printed) setTimeout(later.now, AFTER_OUTPUT_MS).unref();
      printed = true;
    });
    let over = false;
    const open = async () =>
      over ? undefined : (await import('./control-service.ts')).openControl(runner, options, histories);
    // One that nobody named is not worth failing for.
    const opened =
      options.socket === undefined
        ? later.time.then(open).catch((error: Error) => missing(runner, error))
        : open();
    if (options.socket !== undefined) await opened;
    return {
      [Symbol.asyncDispose]: async () => {
        over = true;
        later.now();
        forget();
        await (await opened)?.[Symbol.asyncDispose]();
      },
    };
  };

/** A time that comes after `ms`, or as soon as somebody says so. */
function firstOf(ms: number): {readonly time: Promise<void>; readonly now: () => void} {
  let now = () => {};
  const time = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    now = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  return {time, now};
}

function missing(runner: Runner, {message}: Error): undefined {
  runner.tell({type: 'foreman:noted', line: `no control from other terminals: ${message}`});
}
