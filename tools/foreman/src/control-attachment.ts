import {OutputHistory} from './control-history.ts';
import type {Attachment, Runner} from './runner.ts';

export interface ControlOptions {
  /** Where to listen. Default: a path that follows from the app's folder. */
  readonly socket?: string | undefined;
  /** XDG_RUNTIME_DIR. */
  readonly runtimeDirectory: string | undefined;
}

/** A person needs longer to get to another terminal; the processes shall not wait for what only that one needs. */
const LATER_MS = 20;

/** Lets a second terminal see and control the processes. Throws FOREMAN_CONTROL when a socket that was named cannot be had. */
export const controlAttachment =
  (options: ControlOptions): Attachment =>
  async (runner) => {
    const histories = new Map(runner.plan.processes.map(({name}) => [name, new OutputHistory(name)]));
    const forget = runner.onOutput((name, kind, chunk) => histories.get(name)?.add(kind, chunk));
    const open = async () => (await import('./control-service.ts')).openControl(runner, options, histories);
    const opening =
      options.socket === undefined
        ? new Promise((resolve) => setTimeout(resolve, LATER_MS)).then(open)
        : open();
    // One that nobody named is not worth failing for.
    const opened =
      options.socket === undefined ? opening.catch((error: Error) => missing(runner, error)) : opening;
    if (options.socket !== undefined) await opened;
    return {
      [Symbol.asyncDispose]: async () => {
        forget();
        await (await opened)?.[Symbol.asyncDispose]();
      },
    };
  };

function missing(runner: Runner, {message}: Error): undefined {
  runner.tell({type: 'foreman:noted', line: `no control from other terminals: ${message}`});
}
