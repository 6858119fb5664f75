import type {Interfaces} from '@oclif/core';
import type {HereOptions} from './here-workload.ts';
import type {runFlags} from './run-flags.ts';
import type {RunHereOptions} from './run-here.ts';

const READY_MS = 30_000;

export type RunFlags = Interfaces.InferredFlags<typeof runFlags> & {readonly quiet?: boolean | undefined};

/** What the flags of `keelson run` ask for. */
export function runOptions(
  flags: RunFlags,
  given: Pick<HereOptions, 'command' | 'processEnv'>,
): {readonly what: HereOptions; readonly how: Omit<RunHereOptions, 'output'>} {
  const {formation, port, workers, env: envFiles, health: path, host, 'health-path': answerHealthOn} = flags;
  return {
    what: {...given, formation, port, workers, envFiles, answerHealthOn, health: {path, timeoutMs: READY_MS}},
    how: {
      supervise: {
        host,
        graceMs: flags.grace * 1000,
        startLimit: flags['start-limit'],
        hangMs: flags['hang-limit'],
      },
      noticeMs: flags.notice,
      limits: {memoryBytes: flags['max-memory'], uptimeMs: flags['max-uptime']},
      control: flags.control,
      pidFile: flags['pid-file'],
      healthOn: flags['health-on'],
    },
  };
}
