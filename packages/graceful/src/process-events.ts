import {constants} from 'node:os';
import process from 'node:process';
import {methodOf} from './method-of.ts';

/**
 * Sees events of `process` before any listener. What `take` returns true for, no listener gets.
 * Signals and messages call `process.emit` too, so this holds for listeners that the app adds later.
 */
export function interceptProcessEvents(take: (event: string | symbol, value: unknown) => boolean): void {
  const emit = methodOf<boolean>(process, 'emit');
  process.emit = function (this: typeof process, event: string | symbol, ...values: unknown[]): boolean {
    return take(event, values[0]) || emit.call(this, event, ...values);
  } as typeof process.emit;
}

const ENDING = ['SIGTERM', 'SIGINT'] as const;
export type EndingSignal = (typeof ENDING)[number];

export const isEndingSignal = (event: unknown): event is EndingSignal =>
  ENDING.includes(event as EndingSignal);

const ignore = (): void => {};

/** Without a listener the default action of a signal would end the process before anyone is asked. */
export function holdEndingSignals(): void {
  for (const name of ENDING) process.on(name, ignore);
}

/** Gives the app the signal that was held back. @returns whether it listens to it */
export function deliverSignal(name: EndingSignal): boolean {
  for (const each of ENDING) process.off(each, ignore);
  return methodOf<boolean>(process, 'emit').call(process, name, name, constants.signals[name]);
}
