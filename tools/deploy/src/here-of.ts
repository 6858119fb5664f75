import {resolve} from 'node:path';
import type {DeployHere} from './deploy-archive.ts';

/** Flags of a deploy without a server. */
export interface HereFlags {
  readonly user?: string | undefined;
  readonly 'listen-addr'?: string | undefined;
  readonly port?: number | undefined;
  readonly bake?: number | undefined;
  readonly keep?: number | undefined;
  readonly wait?: number | undefined;
  readonly 'limit-memory'?: string | undefined;
  readonly 'limit-cpus'?: string | undefined;
  readonly group?: string | undefined;
  readonly build?: boolean | undefined;
  readonly 'runtime-dir'?: string | undefined;
  readonly 'tmp-dir'?: string | undefined;
  readonly 'allow-root'?: boolean | undefined;
}

/** What they mean for the deployer. */
export function hereOf(
  flags: HereFlags,
  environment: Readonly<Record<string, string | undefined>>,
): DeployHere {
  const {'limit-memory': memory, 'limit-cpus': cpus, 'tmp-dir': tmpDir} = flags;
  const limited = memory !== undefined || cpus !== undefined;
  return {
    host: flags['listen-addr'],
    basePort: flags.port,
    environment: tmpDir === undefined ? environment : {...environment, TMPDIR: resolve(tmpDir)},
    runtimeDir: flags['runtime-dir'],
    tmpDir,
    group: flags.group,
    build: flags.build,
    user: flags.user,
    keep: flags.keep,
    allowRoot: flags['allow-root'],
    bakeMs: flags.bake === undefined ? undefined : flags.bake * 1000,
    waitMs: flags.wait === undefined ? undefined : flags.wait * 1000,
    limits: limited ? {memory, cpus: cpus === undefined ? undefined : Number(cpus)} : undefined,
  };
}
