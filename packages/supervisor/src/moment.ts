/** A point in time, for people and for the decisions that a clock set anew must not touch. */
export interface Moment {
  readonly date: Date;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
}

export const thisMoment = (): Moment => ({date: new Date(), at: performance.now()});

/** As `toISOString`, which reads ICU's time zones for a text that has none: they stay in memory, nearly a megabyte. */
export function isoTime(date: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = [date.getUTCFullYear(), two(date.getUTCMonth() + 1), two(date.getUTCDate())].join('-');
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${day}T${time}.${String(date.getUTCMilliseconds()).padStart(3, '0')}Z`;
}
