import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Inspection} from './control-protocol.ts';
import type {Service} from './run-service.ts';
import {targetOf} from './slots-of.ts';
import type {WorkerQuestion, WorkerQuestions} from './worker-questions.ts';

/** A large heap takes its time to be written, and its worker answers nothing else meanwhile. */
const WRITE_MS = 120_000;

export interface Asked {
  readonly verb: Inspection['verb'];
  /** Made when it is missing. */
  readonly folder: string;
  readonly target?: string | undefined;
  /** How long to profile. */
  readonly ms?: number | undefined;
}

/**
 * Lets workers write a heap snapshot or a profile of the CPU into a folder, one file each: heap snapshots one after another, since each
 * stands still for its own. Faults: SUPERVISOR_NO_TARGET, and those of the file system.
 */
export async function inspectWorkers(
  {folder, ms = 0, target, verb}: Asked,
  service: Service,
  questions: WorkerQuestions,
): Promise<Inspection> {
  await mkdir(folder, {recursive: true});
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const files: {worker: string; path: string}[] = [];
  const failed: {worker: string; because: string}[] = [];
  const inspect = async (worker: string): Promise<void> => {
    const ending = verb === 'cpu-profile' ? 'cpuprofile' : 'heapsnapshot';
    const path = join(folder, `${worker.replace('/', '-')}-${stamp}.${ending}`);
    const question: WorkerQuestion = verb === 'cpu-profile' ? {what: verb, path, ms} : {what: verb, path};
    const [answer] = await questions.ask(question, ms + WRITE_MS, targetOf(worker));
    if (answer === undefined)
      failed.push({worker, because: 'is no Node program that takes traffic, or does not answer'});
    else if ('because' in answer) failed.push({worker, because: answer.because});
    else files.push({worker, path});
  };
  const workers = service.lines(target).map(({worker}) => worker);
  if (verb === 'cpu-profile') await Promise.all(workers.map(inspect));
  else for (const worker of workers) await inspect(worker);
  return {kind: 'inspection', verb, files, failed};
}
