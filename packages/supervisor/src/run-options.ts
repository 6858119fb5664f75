import {fileURLToPath} from 'node:url';
import type {Interfaces} from '@oclif/core';
import type {HereOptions} from './here-workload.ts';
import type {runFlags} from './run-flags.ts';
import type {RunHereOptions} from './run-here.ts';

const READY_MS = 30_000;
const ANSWERS = fileURLToPath(new URL('./worker-answers.cjs', import.meta.url));

export type RunFlags = Interfaces.InferredFlags<typeof runFlags> & {readonly quiet?: boolean | undefined};

/** What the flags of `keelson run` ask for. */
export function runOptions(
  flags: RunFlags,
  given: Pick<HereOptions, 'command' | 'processEnv'>,
): {readonly what: HereOptions; readonly how: Omit<RunHereOptions, 'output'>} {
  const {
    formation,
    port,
    workers,
    env: envFiles,
    health: path,
    host,
    listener,
    'health-path': answerHealthOn,
  } = flags;
  const counts = flags.metrics || flags['max-requests'] !== undefined || flags['max-lag'] !== undefined;
  const answers = counts || flags.control !== undefined ? [ANSWERS] : [];
  const graceMs = flags.grace === undefined ? undefined : flags.grace * 1000;
  const modules = {
    require: [...answers, ...(flags.require ?? [])],
    import: flags.import,
    snapshotsIn: flags['heap-snapshots'],
    counts,
  };
  return {
    what: {
      ...given,
      formation,
      port,
      workers,
      envFiles,
      graceMs,
      more: {answerHealthOn, health: {path, timeoutMs: READY_MS}, listener, modules},
    },
    how: {
      supervise: {
        host,
        graceMs,
        startLimit: flags['start-limit'],
        hangMs: flags['hang-limit'],
        heartbeatMs: flags.heartbeat,
      },
      noticeMs: flags.notice,
      limits: {
        memoryBytes: flags['max-memory'],
        uptimeMs: flags['max-uptime'],
        requests: flags['max-requests'],
        lagMs: flags['max-lag'],
      },
      onUsr2: flags['on-usr2'],
      control: flags.control,
      pidFile: flags['pid-file'],
      extend: {healthOn: flags['health-on'], metrics: flags.metrics, plugins: flags.plugin},
    },
  };
}
