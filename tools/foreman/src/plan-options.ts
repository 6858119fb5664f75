import type {Interfaces} from '@oclif/core';

import type {PlanOptions} from './plan-start.ts';
import type {startFlags} from './start-flags.ts';

/** Parsed flags of `start`. */
export type StartFlags = Interfaces.InferredFlags<ReturnType<typeof startFlags>> & {
  readonly quiet?: boolean;
};

/** What the flags say about the plan. @param words types and counts, as `web=2` `worker` or `web=2,worker` */
export async function planOptionsOf(
  flags: StartFlags,
  words: readonly string[],
  colorLevel: number | undefined,
): Promise<PlanOptions> {
  const formation = [...(flags.formation === undefined ? [] : [flags.formation]), ...words];
  return {
    formation: formation.length === 0 ? undefined : formation.join(','),
    ports: {base: flags.port, step: flags['port-step'], by: flags['ports-by'], none: flags['no-port']},
    stop: {
      graceMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
      on: flags['stop-on'],
      canDie: flags['can-die'],
      anyExit: flags['any-exit'],
    },
    restart:
      flags.restart || flags['restart-limit'] !== undefined
        ? {wanted: flags.restart, limit: flags['restart-limit']}
        : undefined,
    ...(await readyOf(flags)),
    watch: await watchOf(flags),
    colorLevel,
  };
}

async function readyOf(flags: StartFlags): Promise<Pick<PlanOptions, 'ready' | 'dependsOn'>> {
  const {ready, depends, 'ready-timeout': seconds} = flags;
  if (ready === undefined && depends === undefined) return {};
  const {parseDepends, parseReady} = await import('./ready-given.ts');
  return {
    ready: parseReady(ready ?? [], seconds === undefined ? undefined : seconds * 1000),
    dependsOn: parseDepends(depends ?? []),
  };
}

async function watchOf(flags: StartFlags): Promise<PlanOptions['watch']> {
  if (flags['no-watch']) return () => [];
  const {watch} = flags;
  if (watch === undefined) return undefined;
  const {globsOf} = await import('./watch-globs.ts');
  return (type, configured) => globsOf(type, watch, configured);
}
