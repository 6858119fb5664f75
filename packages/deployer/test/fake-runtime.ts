import type {Readiness, Runtime, Workload} from '@keelson/deployer';
import type {StepOptions} from '@keelson/step';

export interface FakeGeneration {
  readonly release: number;
  readonly workload: Workload;
}

type Call = 'start' | 'ready' | 'open' | 'watch' | 'drain' | 'stop';
type Instead = (
  generation: FakeGeneration,
  options: StepOptions,
) => Readiness | void | Promise<Readiness | void>;

/** A runtime without processes: remembers what it was asked for, and fails where it is told to. */
export interface FakeRuntime {
  readonly runtime: Runtime<FakeGeneration>;
  /** `start 1`, `ready 1` … */
  readonly calls: string[];
  /** What happens instead of a call. */
  readonly failures: Partial<Record<Call, Instead>>;
  /** Releases whose processes run, and of these the ones that take traffic. */
  readonly alive: () => number[];
  readonly serving: () => number[];
  /** Of the last generation that was started. */
  readonly workload: () => Workload;
}

export const notReady: Readiness = {
  state: 'not-ready',
  instance: 'web.1',
  because: 'GET / answered 500',
  output: ['starting', 'Error: no database'],
};

export function fakeRuntime(): FakeRuntime {
  const calls: string[] = [];
  const failures: FakeRuntime['failures'] = {};
  const alive: FakeGeneration[] = [];
  const open: FakeGeneration[] = [];
  let last: Workload | undefined;
  const call = async (name: Call, generation: FakeGeneration, options: StepOptions = {}) => {
    calls.push(`${name} ${generation.release}`);
    await new Promise((resolve) => setImmediate(resolve));
    options.signal?.throwIfAborted();
    return (await failures[name]?.(generation, options)) ?? ({state: 'ready'} as const);
  };
  const end = (generation: FakeGeneration) => {
    for (const list of [alive, open]) if (list.includes(generation)) list.splice(list.indexOf(generation), 1);
  };
  return {
    calls,
    failures,
    alive: () => alive.map(({release}) => release),
    serving: () => open.map(({release}) => release),
    workload: () => last!,
    runtime: {
      async start(workload, options) {
        const generation = {release: workload.release.number, workload};
        last = workload;
        await call('start', generation, options);
        alive.push(generation);
        return generation;
      },
      ready: (generation, options) => call('ready', generation, options),
      async open(generation) {
        await call('open', generation);
        open.push(generation);
      },
      watch: (generation, _ms, options) => call('watch', generation, options),
      async drain(generation) {
        await call('drain', generation);
        end(generation);
      },
      async stop(generation) {
        await call('stop', generation);
        end(generation);
      },
      running: () => open.at(-1),
    },
  };
}
