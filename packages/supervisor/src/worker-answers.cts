/*
 * Loaded in each worker before the app, when the supervisor may be asked about it: answers questions for numbers, heap snapshots and
 * profiles of the CPU. Nothing is loaded or collected for one that nobody asks, but the delay of the event loop and the requests where
 * KEELSON_COUNT says so.
 */
const {isMainThread} = require('node:worker_threads') as typeof import('node:worker_threads');

interface Question {
  readonly 'keelson:ask'?: unknown;
  readonly what?: unknown;
  readonly path?: string;
  readonly ms?: number;
}

interface Registry {
  getMetricsAsJSON(): Promise<unknown[]>;
}

const send = process.send?.bind(process);
const counts = process.env['KEELSON_COUNT'] === '1';
delete process.env['KEELSON_COUNT'];
let requests = 0;

if (send && isMainThread) {
  const delay = counts ? delayOfTheLoop() : undefined;
  if (counts) countRequests();
  const answers: Readonly<Record<string, (question: Question) => unknown>> = {
    metrics: async () => ({...numbers(delay), metrics: await ofApp()}),
    'heap-snapshot': ({path}) => require('node:v8').writeHeapSnapshot(path),
    'cpu-profile': profile,
  };
  const emit = Reflect.get(process, 'emit') as (event: string | symbol, ...values: unknown[]) => boolean;
  // The app does not see the question.
  process.emit = function (this: typeof process, event: string | symbol, ...values: unknown[]): boolean {
    const question = (event === 'message' ? values[0] : undefined) as Question | null | undefined;
    const id = question?.['keelson:ask'];
    if (typeof id !== 'number') return emit.call(this, event, ...values);
    const tell = (answer: object): void =>
      void send({'keelson:answer': id, ...answer}, undefined, {}, () => {});
    Promise.resolve(question)
      .then((it) => answers[String(it!.what)]!(it!))
      .then(
        (value) => tell({value}),
        (error: Error) => tell({because: error.message}),
      );
    return true;
  } as typeof process.emit;
}

function delayOfTheLoop(): import('node:perf_hooks').IntervalHistogram {
  const {monitorEventLoopDelay} = require('node:perf_hooks') as typeof import('node:perf_hooks');
  const delay = monitorEventLoopDelay({resolution: 20});
  delay.enable();
  return delay;
}

function countRequests(): void {
  const channels = require('node:diagnostics_channel') as typeof import('node:diagnostics_channel');
  channels.subscribe('http.server.request.start', () => void requests++);
}

function numbers(delay: import('node:perf_hooks').IntervalHistogram | undefined): object {
  // What is over the histogram's own interval; it holds the time since the last question.
  const lag = delay && delay.max > 0 ? Math.max(0, delay.percentile(99) / 1e9 - 0.02) : 0;
  delay?.reset();
  const cpu = process.cpuUsage();
  const {heapUsed} = process.memoryUsage();
  return {lag, heapUsed, cpuSeconds: (cpu.user + cpu.system) / 1e6, requests};
}

/** Of the prom-client that the app has loaded, wherever it lies. */
async function ofApp(): Promise<unknown[]> {
  for (const [file, module] of Object.entries(require.cache)) {
    if (!/[/\\]prom-client[/\\]index\.js$/.test(file)) continue;
    const {register} = (module?.exports ?? {}) as {register?: Registry};
    if (register) return register.getMetricsAsJSON().catch(() => []);
  }
  return [];
}

async function profile({ms = 0, path = ''}: Question): Promise<string> {
  const {writeFile} = require('node:fs/promises') as typeof import('node:fs/promises');
  const {Session} = require('node:inspector/promises') as typeof import('node:inspector/promises');
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  await new Promise((resolve) => setTimeout(resolve, ms));
  const result = await session.post('Profiler.stop');
  session.disconnect();
  await writeFile(path, JSON.stringify(result.profile), {mode: 0o600});
  return path;
}
