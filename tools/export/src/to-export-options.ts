import type {ExportOptions} from './export-app.ts';

/** Flags of every format's command. */
interface ParsedFlags {
  readonly out: string;
  readonly app?: string | undefined;
  readonly user?: string | undefined;
  readonly group?: string | undefined;
  readonly formation?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly port?: number | undefined;
  readonly limits?: boolean | undefined;
  readonly memory?: string | undefined;
  readonly cpus?: string | undefined;
  readonly 'unit-dir'?: string | undefined;
  readonly verify?: boolean | undefined;
  readonly 'dry-run'?: boolean | undefined;
}

/** Options of `exportApp`, but for the format. */
export function toExportOptions(flags: ParsedFlags): Omit<ExportOptions, 'format'> {
  const {app, formation, env, port, user, group, memory, cpus} = flags;
  const shares = flags.limits || memory !== undefined || cpus !== undefined;
  return {
    out: flags.out,
    dryRun: flags['dry-run'],
    verify: flags.verify,
    model: {
      app,
      formation,
      env,
      port,
      user: user === undefined ? undefined : {name: user, group},
      share: shares ? {memory, cpus: cpus === undefined ? undefined : Number(cpus)} : undefined,
      paths: {unitDir: flags['unit-dir']},
    },
  };
}
