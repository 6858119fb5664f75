/** How long a part of a build took. */
export interface Phase {
  readonly name: string;
  readonly seconds: number;
}

export interface Phases {
  /** Does it, and notes how long it took. */
  run<T>(name: string, action: () => Promise<T>): Promise<T>;
  readonly done: readonly Phase[];
}

export function createPhases(): Phases {
  const done: Phase[] = [];
  return {
    done,
    async run(name, action) {
      const began = performance.now();
      const result = await action();
      done.push({name, seconds: Math.round(performance.now() - began) / 1000});
      return result;
    },
  };
}
