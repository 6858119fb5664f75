/**
 * How many replaced workers of one change may finish at a time. Waiting for each would make a change as long as all of their drains
 * together; not waiting at all would need the memory of twice the workers.
 */
const MOST = 2;

/** Workers that finish what they have begun while others are replaced. */
export class Leavers {
  readonly #gone = new Set<Promise<void>>();

  add(gone: Promise<void>): void {
    const settled: Promise<void> = gone.catch(() => {}).finally(() => this.#gone.delete(settled));
    this.#gone.add(settled);
  }

  /** Resolves when one more may leave. */
  async room(): Promise<void> {
    while (this.#gone.size >= MOST) await Promise.race(this.#gone);
  }

  async all(): Promise<void> {
    await Promise.all(this.#gone);
  }
}
