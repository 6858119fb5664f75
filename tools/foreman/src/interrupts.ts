import {withoutEchoes} from '@keelson/cli-kit/without-echoes';

const SIGNALS = {SIGHUP: 129, SIGINT: 130, SIGTERM: 143} as const;

/** Somebody asked us to end. */
export class Interrupt extends Error {
  readonly signal: keyof typeof SIGNALS;

  constructor(signal: keyof typeof SIGNALS) {
    super(`interrupted by ${signal}`);
    this.name = 'Interrupt';
    this.signal = signal;
  }

  /** 128 + n, as a shell says it. */
  get exitCode(): number {
    return SIGNALS[this.signal];
  }
}

export interface Interrupts {
  /** Aborted with an `Interrupt` by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Aborted by the next one that is no echo of it. */
  readonly impatience: AbortSignal;
}

/** Where nothing has been started yet, an interrupt is the end of it, and no failure. */
export function interruptOf(error: unknown): Interrupt {
  if (error instanceof Interrupt) return error;
  throw error;
}

/** From now on these signals end nothing by themselves. */
export function watchInterrupts(): Interrupts {
  const asked = new AbortController();
  const impatience = new AbortController();
  const heard = withoutEchoes();
  for (const name of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]) {
    const onSignal = heard(() => {
      const next = asked.signal.aborted ? impatience : asked;
      next.abort(new Interrupt(name));
    });
    process.on(name, onSignal);
  }
  return {signal: asked.signal, impatience: impatience.signal};
}
