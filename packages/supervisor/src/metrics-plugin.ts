import {limitMetrics} from '@keelson/resource-limits';
import {AggregatorRegistry, Counter, Gauge, type MetricObject, Registry} from 'prom-client';
import type {Plugin} from './plugin.ts';
import {residentBytes} from './resident-bytes.ts';
import type {ServiceStatus} from './run-service.ts';
import type {WorkerQuestions} from './worker-questions.ts';
import {type MetricJson, type WorkerSample, workerSamples} from './worker-sample.ts';

/** Between scrapes the counters of a worker are read so often: what it counts after that dies with it. */
const KEEP_EVERY_MS = 5000;

/**
 * `--metrics`: what the supervisor knows, what the limits of the machine or cgroup are, and what the apps count with prom-client,
 * added up over the workers. Counters of workers that are gone stay in the sum.
 */
export function metricsPlugin(questions: WorkerQuestions): Plugin {
  return {
    name: 'metrics',
    setup(api) {
      const latest = new Map<string, WorkerSample>();
      let gone: readonly MetricJson[] = [];
      const collect = async (): Promise<readonly WorkerSample[]> => {
        const samples = await workerSamples(questions);
        for (const sample of samples) latest.set(sample.worker, sample);
        return samples;
      };
      api.on('exit', ({worker}) => {
        const last = latest.get(worker);
        if (!last) return;
        latest.delete(worker);
        gone = sum([gone, last.metrics.filter(onlyGrows)]);
      });
      api.on('metrics', async () => {
        const samples = await collect();
        const apps = AggregatorRegistry.aggregate([
          gone as unknown as MetricObject[],
          ...samples.map(({metrics}) => metrics as unknown as MetricObject[]),
        ] as unknown as object[]);
        return `${await ofSupervisor(api.status(), samples)}${await ofLimits()}${await apps.metrics()}`;
      });
      const timer = setInterval(() => void collect(), KEEP_EVERY_MS).unref();
      return () => clearInterval(timer);
    },
  };
}

/** Of a worker that is gone, only what counts up belongs to the sum. */
const onlyGrows = ({type}: MetricJson): boolean => type === 'counter' || type === 'histogram';

function sum(all: readonly (readonly MetricJson[])[]): readonly MetricJson[] {
  const registry = AggregatorRegistry.aggregate(all as unknown as object[]);
  return registry.getMetricsAsArray().map((metric) => (metric as unknown as {get(): MetricJson}).get());
}

async function ofSupervisor(status: ServiceStatus, samples: readonly WorkerSample[]): Promise<string> {
  const registers = [new Registry()];
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({name: `keelson_${name}`, help, labelNames, registers});
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({name: `keelson_${name}`, help, labelNames, registers});
  const states = gauge('workers', 'Workers by state.', 'state');
  const up = gauge('worker_up', '1 when the worker takes traffic and has answered in time.', 'worker');
  const resident = gauge('worker_resident_bytes', 'Resident memory of the worker.', 'worker');
  const heap = gauge('worker_heap_used_bytes', 'V8 heap in use.', 'worker');
  const lag = gauge('worker_event_loop_lag_seconds', '99th percentile since the last question.', 'worker');
  const cpu = counter('worker_cpu_seconds_total', 'CPU time of the worker that runs now.', 'worker');
  const requests = counter('worker_requests_total', 'HTTP requests of the worker that runs now.', 'worker');
  const restarts = counter('worker_restarts_total', 'Times that the worker was started again.', 'worker');
  const rolls = counter('rolls_total', 'Rolls by outcome.', 'result');
  counter('crashes_total', 'Workers that ended without being asked to.').inc(status.crashes);
  rolls.inc({result: 'done'}, status.rolls.done);
  rolls.inc({result: 'refused'}, status.rolls.refused);
  for (const {instances} of status.generations) {
    for (const {name, type, workers} of instances) {
      for (const [at, {pid, restarts: times, state}] of workers.entries()) {
        const worker = at === 0 ? name : `${name}/${at + 1}`;
        const sample = samples.find((one) => one.worker === worker);
        states.inc({state});
        up.set({worker}, state === 'open' && (sample !== undefined || type !== 'web') ? 1 : 0);
        restarts.inc({worker}, times);
        if (pid !== undefined) resident.set({worker}, residentBytes(pid));
        if (!sample) continue;
        heap.set({worker}, sample.heapUsed);
        lag.set({worker}, sample.lag);
        cpu.inc({worker}, sample.cpuSeconds);
        requests.inc({worker}, sample.requests);
      }
    }
  }
  return registers[0]!.metrics();
}

async function ofLimits(): Promise<string> {
  const registers = [new Registry()];
  const used = new Gauge({
    name: 'keelson_limit_used',
    help: 'How much of a limit is used.',
    labelNames: ['of'],
    registers,
  });
  const limit = new Gauge({
    name: 'keelson_limit',
    help: 'Limits of the cgroup, the process or the machine: bytes, counts, CPUs.',
    labelNames: ['of', 'source'],
    registers,
  });
  const metrics = await limitMetrics();
  for (const of of ['memory', 'swap', 'files', 'processes'] as const) {
    const {limit: most, source, used: now} = metrics[of];
    limit.set({of, source}, most);
    if (now !== undefined) used.set({of}, now);
  }
  const {limit: cpus, source, throttling, usedSeconds} = metrics.cpu;
  limit.set({of: 'cpus', source}, cpus);
  const counter = (name: string, help: string, value: number): void =>
    new Counter({name: `keelson_limit_cpu_${name}_total`, help, registers}).inc(value);
  if (usedSeconds !== undefined) counter('seconds', 'CPU time used under the limit.', usedSeconds);
  if (throttling)
    counter('throttled_seconds', 'CPU time that the quota has taken away.', throttling.throttledSeconds);
  return registers[0]!.metrics();
}
