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
  readonly 'allow-root'?: boolean | undefined;
}

/** What they mean for the deployer. */
export function hereOf(
  flags: HereFlags,
  environment: Readonly<Record<string, string | undefined>>,
): DeployHere {
  const {'limit-memory': memory, 'limit-cpus': cpus} = flags;
  const limited = memory !== undefined || cpus !== undefined;
  return {
    host: flags['listen-addr'],
    basePort: flags.port,
    environment,
    user: flags.user,
    keep: flags.keep,
    // A user whom systemd gives the app to is not us: its code does not run with our rights.
    allowRoot: flags['allow-root'] === true || flags.user !== undefined,
    bakeMs: flags.bake === undefined ? undefined : flags.bake * 1000,
    waitMs: flags.wait === undefined ? undefined : flags.wait * 1000,
    limits: limited ? {memory, cpus: cpus === undefined ? undefined : Number(cpus)} : undefined,
  };
}
