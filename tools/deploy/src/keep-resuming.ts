import {setTimeout as delay} from 'node:timers/promises';
import {resume, type DeployOptions, type Deployment} from '@keelson/deployer';
import type {HostedApp} from './hosted-app.ts';

/** What an app that should run waits for. */
export interface ResumeState {
  /** How often it was tried. */
  readonly attempts: number;
  readonly because: string;
  /** ISO 8601; undefined while it is being tried. */
  readonly nextAt: string | undefined;
}

/** What one attempt came to; undefined: there is nothing to resume (any more). */
export type Resumed = Deployment | {readonly result: 'failed'; readonly because: string} | undefined;

export interface Resuming extends AsyncDisposable {
  /** Undefined: it runs, or nobody tries. */
  state(): ResumeState | undefined;
  /** Gives way to a deploy: ends the attempt that is under way, and tries again later if nothing runs then. */
  giveWay(): Promise<void>;
}

export interface ResumeOptions {
  readonly deploys: DeployOptions;
  readonly onAttempt: (resumed: Exclude<Resumed, undefined>, again: ResumeState | undefined) => void;
  /** Milliseconds until the next attempt, after so many. Default: 1 s, doubled each time, a minute at most. */
  readonly pause?: ((attempts: number) => number) | undefined;
}

/**
 * Starts what an app's `current` says; while it does not get healthy (its database is not up yet) or cannot even be opened (the disk is
 * full), again after growing pauses, until it runs, somebody deploys something that does, or it is disposed. Resolves after the first attempt.
 */
export async function keepResuming(
  open: () => Promise<HostedApp>,
  options: ResumeOptions,
): Promise<Resuming> {
  const closed = new AbortController();
  let way = new AbortController();
  let state: ResumeState | undefined;
  let app: HostedApp | undefined;
  let under: Promise<boolean> = Promise.resolve(true);

  /** Whether it is settled. */
  const tryOnce = async (attempts: number): Promise<boolean> => {
    state &&= {...state, nextAt: undefined};
    const signal = AbortSignal.any([closed.signal, way.signal]);
    const resumed = await attempt(async () => (app ??= await open()), {...options.deploys, signal});
    if (closed.signal.aborted || resumed === undefined || resumed.result === 'deployed') {
      state = undefined;
      if (resumed !== undefined && !closed.signal.aborted) options.onAttempt(resumed, undefined);
      return true;
    }
    const nextAt = new Date(Date.now() + (options.pause ?? pauseAfter)(attempts)).toISOString();
    state = {attempts, because: resumed.because ?? 'not ready', nextAt};
    if (!signal.aborted) options.onAttempt(resumed, state);
    return false;
  };
  const goOn = async (): Promise<void> => {
    for (let attempts = 2; !closed.signal.aborted;) {
      const signal = AbortSignal.any([closed.signal, way.signal]);
      const waited = delay((options.pause ?? pauseAfter)(attempts - 1), true, {signal});
      if (!(await waited.catch(() => false))) continue; // a deploy has the same time before it
      under = tryOnce(attempts++);
      if (await under) return;
    }
  };

  under = tryOnce(1);
  const again = (await under) ? Promise.resolve() : goOn();
  return {
    state: () => (app?.runtime.running() === undefined ? state : undefined),
    async giveWay() {
      way.abort(new Error('a deploy came in between'));
      await under;
      way = new AbortController();
    },
    async [Symbol.asyncDispose]() {
      closed.abort(new Error('the server ends'));
      await under;
      await again;
    },
  };
}

/** After a second, two, four … a minute. */
export function pauseAfter(attempts: number): number {
  return Math.min(60_000, 1000 * 2 ** Math.min(attempts - 1, 10));
}

async function attempt(open: () => Promise<HostedApp>, options: DeployOptions): Promise<Resumed> {
  try {
    return await resume(await open(), options);
  } catch (error) {
    return {result: 'failed', because: (error as Error).message};
  }
}
