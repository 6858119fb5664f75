import {resolve} from 'node:path';
import {layEnv, readEnvFiles} from '@keelson/env';
import {expandFormation, parseFormation, parsePort, readProcfile} from '@keelson/procfile';
import type {StepOptions} from '@keelson/step';
import {processTuning} from './process-tuning.ts';
import {takesTraffic} from './worker-plans.ts';
import type {SupervisedInstance, Workload} from './workload.ts';

export interface HereOptions extends StepOptions {
  /** A command's words; it becomes `web.1`. Default: the types of the Procfile. */
  readonly command?: readonly string[] | undefined;
  /** As `web=2,worker=1`. Default: one of each type. */
  readonly formation?: string | undefined;
  /** Port of the first instance. Default: PORT of the environment, else 5000. */
  readonly port?: number | undefined;
  /** Workers of each web instance. Default 1; `auto`: one for each CPU that we may use, as far as a limit of the memory allows. */
  readonly workers?: number | 'auto' | undefined;
  /** Environment files, over the process's own environment. Default `.env`, if there is one. */
  readonly envFiles?: readonly string[] | undefined;
  readonly processEnv: Readonly<Record<string, string | undefined>>;
  /** What every worker gets to end, whatever package.json says about its type. */
  readonly graceMs?: number | undefined;
  /** As of a workload. */
  readonly more?: Pick<Workload, 'answerHealthOn' | 'health' | 'listener' | 'modules'> | undefined;
}

/**
 * What there is to run in a directory; signal and time to end of a process type are those of package.json.
 * Faults: those of @keelson/env, @keelson/manifest and @keelson/procfile.
 */
export async function hereWorkload(name: string, cwd: string, options: HereOptions): Promise<Workload> {
  const {signal, command = []} = options;
  const envFiles = options.envFiles?.map((file) => resolve(cwd, file));
  const layers = await readEnvFiles(envFiles, {dir: cwd, signal});
  const env = layEnv([{name: 'process', values: options.processEnv}, ...layers]).values;
  const basePort = options.port ?? (env['PORT'] ? parsePort(env['PORT']) : 5000);
  const {workers = 1} = options;
  const tuning = await processTuning(cwd, {signal});
  const own = ({type}: {readonly type: string}): Partial<SupervisedInstance> => {
    const {graceMs, stopSignal} = (Object.hasOwn(tuning, type) && tuning[type]) || {};
    return {stopSignal, graceMs: options.graceMs ?? graceMs};
  };
  const instances =
    command.length > 0
      ? [{name: 'web.1', type: 'web', index: 1, command: shellLine(command), port: basePort}]
      : expandFormation(await readProcfile(cwd, {signal}), parseFormation(options.formation ?? ''), {
          basePort,
        });
  const withWorkers =
    workers === 'auto'
      ? await (await import('./machine-workers.ts')).withMachineWorkers(instances, signal)
      : instances.map((instance) => (takesTraffic(instance) ? {...instance, workers} : instance));
  return {
    name,
    cwd,
    env,
    instances: withWorkers.map((instance) => ({...instance, ...own(instance)})),
    ...options.more,
  };
}

/** Words as a line that the shell takes apart into the same words. */
function shellLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
