import {CliFault} from './fault.ts';
import {withoutEchoes} from './without-echoes.ts';

const STOP_SIGNALS = {SIGHUP: 1, SIGINT: 2, SIGTERM: 15} as const;
type StopSignal = keyof typeof STOP_SIGNALS;

/** Exit code of a program whose reader went away, as the shell says it: 128 + SIGPIPE. */
export const BROKEN_PIPE_EXIT = 141;

/** What ends a command before its time. */
export interface StopWatch {
  readonly signal: AbortSignal;
  /** Exit code that the end calls for (128+n); undefined while nothing has asked for it. */
  exitCode(): number | undefined;
  /** Ends the command as if a signal had come, without a word. */
  stop(exitCode: number): void;
}

/**
 * First SIGINT, SIGTERM or SIGHUP: abort, so that the step can clean up. Second, if it is no echo: end at once.
 * @param beforeExit puts the terminal in order
 */
export function watchStopSignals(beforeExit: () => void): StopWatch {
  const controller = new AbortController();
  let code: number | undefined;
  const stop = (exitCode: number, by: string) => {
    code = exitCode;
    controller.abort(new CliFault('STOPPED', `stopped by ${by}`, {temporary: true}));
  };
  const once = withoutEchoes();
  for (const name of Object.keys(STOP_SIGNALS) as StopSignal[]) {
    const exitCode = 128 + STOP_SIGNALS[name];
    const onSignal = once(() => {
      if (code === undefined) return stop(exitCode, name);
      beforeExit();
      process.exit(exitCode);
    });
    process.on(name, onSignal);
  }
  return {
    signal: controller.signal,
    exitCode: () => code,
    stop: (exitCode) => stop(exitCode, 'a closed pipe'),
  };
}
