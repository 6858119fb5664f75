import type {WorkerQuestions} from './worker-questions.ts';

/** A worker that takes longer is missing from this answer. */
const ASK_MS = 400;

/** What prom-client makes of a registry: counters, gauges, histograms. */
export interface MetricJson {
  readonly name: string;
  readonly type: string;
}

/** The numbers of one worker. */
export interface WorkerSample {
  readonly worker: string;
  /** 99th percentile of what the event loop was late since the last question, in seconds. */
  readonly lag: number;
  readonly heapUsed: number;
  readonly cpuSeconds: number;
  readonly requests: number;
  /** Of the app's own prom-client. */
  readonly metrics: readonly MetricJson[];
}

/** Of all workers that take traffic; whoever does not answer in time is left out. */
export async function workerSamples(questions: WorkerQuestions): Promise<WorkerSample[]> {
  const answers = await questions.ask({what: 'metrics'}, ASK_MS);
  return answers.flatMap((answer) => {
    const sample = {...(('value' in answer ? answer.value : undefined) as object), worker: answer.worker};
    return isSample(sample) ? [sample] : [];
  });
}

function isSample(value: object): value is WorkerSample {
  const {cpuSeconds, heapUsed, lag, metrics, requests} = value as Partial<WorkerSample>;
  return (
    [cpuSeconds, heapUsed, lag, requests].every((one) => typeof one === 'number') && Array.isArray(metrics)
  );
}
