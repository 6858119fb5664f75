/** A point in time, for people and for the decisions that a clock set anew must not touch. */
export interface Moment {
  readonly date: Date;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
}

export const thisMoment = (): Moment => ({date: new Date(), at: performance.now()});
