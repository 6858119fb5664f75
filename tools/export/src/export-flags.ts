import {dryRunFlag, envFlag, Flags, formationFlag, portFlag} from '@keelson/cli-kit';

import type {ExportOptions} from './export-app.ts';

/** Flags of every format's command. */
export const exportFlags = {
  out: Flags.string({
    char: 'o',
    required: true,
    summary: 'Directory to write the units to.',
    helpValue: 'DIR',
  }),
  app: Flags.string({summary: 'Name of the units; default: the name of the package.', helpValue: 'NAME'}),
  user: Flags.string({summary: 'Account of the processes; default: the owner of DIR.', helpValue: 'USER'}),
  group: Flags.string({summary: 'Group of the processes.', helpValue: 'GROUP', dependsOn: ['user']}),
  formation: formationFlag(),
  env: envFlag(),
  port: portFlag({summary: 'Port of the first process; default 5000.'}),
  limits: Flags.boolean({summary: "Share this machine's memory out over the processes."}),
  memory: Flags.string({summary: 'Share this much memory out.', helpValue: '512M'}),
  cpus: Flags.string({summary: 'Share this many CPUs out.', helpValue: 'N'}),
  'unit-dir': Flags.string({
    summary: 'Where the units will lie in the end; default: --out.',
    helpValue: 'DIR',
  }),
  verify: Flags.boolean({
    summary: "Ask the manager's own checker first; --no-verify: don't.",
    default: true,
    allowNo: true,
  }),
  'dry-run': dryRunFlag(),
};

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
