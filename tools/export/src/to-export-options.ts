import {UsageError} from '@keelson/cli-kit';

import type {ExportOptions} from './export-app.ts';
import type {Runner} from './run-by.ts';

/** Flags of every format's command. */
export interface ParsedFlags {
  readonly out?: string | undefined;
  readonly install?: boolean | undefined;
  readonly root?: string | undefined;
  readonly scope?: 'system' | 'user' | undefined;
  readonly runner?: Runner | undefined;
  readonly app?: string | undefined;
  readonly user?: string | undefined;
  readonly group?: string | undefined;
  readonly procfile?: string | undefined;
  readonly formation?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly port?: number | undefined;
  readonly limits?: boolean | undefined;
  readonly memory?: string | undefined;
  readonly cpus?: string | undefined;
  readonly log?: string | undefined;
  readonly node?: string | undefined;
  readonly pidfile?: string | undefined;
  readonly 'limit-nofile'?: string | undefined;
  readonly 'limit-core'?: string | undefined;
  readonly 'limit-nproc'?: string | undefined;
  readonly 'limit-as'?: string | undefined;
  readonly sysctl?: readonly string[] | undefined;
  readonly set?: readonly string[] | undefined;
  readonly template?: readonly string[] | undefined;
  readonly 'unit-dir'?: string | undefined;
  readonly verify?: boolean | undefined;
  readonly strict?: boolean | undefined;
  readonly 'dry-run'?: boolean | undefined;
}

const LIMITS = ['nofile', 'core', 'nproc', 'as'] as const;

/** `1024`, `infinity`, or the soft and the hard one: `1024:4096`. */
function limitSetting(name: (typeof LIMITS)[number], text: string): string {
  const amount = (word: string) => (word === 'infinity' ? word : Number(word));
  const [soft = '', hard, ...more] = text.split(':');
  if (![soft, hard ?? soft, ...more].every((word) => /^(\d+|infinity)$/.test(word)) || more.length > 0)
    throw new UsageError(`--limit-${name}: ${text} is not a number, nor infinity`);
  if (hard === undefined) return `all.limits.${name}=${soft}`;
  if (name !== 'nofile') throw new UsageError(`--limit-${name}: ${text} is more than one number`);
  return `all.limits.${name}=${JSON.stringify({soft: amount(soft), hard: amount(hard)})}`;
}

function parameter(text: string): [string, string] {
  const [, key = '', value = ''] = /^([\w./-]+)=([^\n]*)$/.exec(text) ?? [];
  if (key === '')
    throw new UsageError(`--sysctl: ${text} is not KEY=VALUE`, 'For example net.core.somaxconn=1024.');
  return [key, value];
}

/** What starts the processes stands in no directory that a path could be relative to. */
function checkPath(flag: string, path: string | undefined, example: string): void {
  if (path === undefined || path.startsWith('/')) return;
  throw new UsageError(`--${flag}: ${path} is not an absolute path`, `For example ${example}.`);
}

function cpusOf(text: string): number {
  const cpus = Number(text);
  if (cpus > 0 && cpus < Infinity) return cpus;
  throw new UsageError(`--cpus: ${text} is not a number of CPUs`, 'For example 2 or 0.5.');
}

/** Flags that are nothing but fields of the service model. */
function settings(flags: ParsedFlags): string[] {
  const {log, pidfile, scope, sysctl = []} = flags;
  const parameters = Object.fromEntries(sysctl.map(parameter));
  const isWord = log === 'null' || log === 'manager';
  if (!isWord) checkPath('log', log, '/var/log/{process}.{n}.log, manager or null');
  checkPath('pidfile', pidfile, '/run/{process}.{n}.pid');
  const output = isWord ? log : {file: log};
  return [
    ...(scope === undefined ? [] : [`app.target.scope=${scope}`]),
    ...(log === undefined ? [] : [`all.logs.output=${JSON.stringify(output)}`]),
    ...(pidfile === undefined ? [] : [`all.pidfile=${JSON.stringify(pidfile)}`]),
    ...LIMITS.flatMap((name) => {
      const value = flags[`limit-${name}`];
      return value === undefined ? [] : [limitSetting(name, value)];
    }),
    ...(sysctl.length > 0 ? [`app.sysctl=${JSON.stringify(parameters)}`] : []),
    ...(flags.set ?? []),
  ];
}

/** Who exports: the program, and the uid of who had root run it. */
export interface Exporter {
  readonly program?: string | undefined;
  readonly caller?: number | undefined;
}

/** Options of `exportApp`, but for the format. */
export function toExportOptions(
  flags: ParsedFlags,
  {program, caller}: Exporter = {},
): Omit<ExportOptions, 'format'> {
  const {app, procfile, formation, env, port, user, group, memory, cpus, out, runner} = flags;
  const shares = flags.limits || memory !== undefined || cpus !== undefined;
  return {
    to: out === undefined ? {install: true, root: flags.root} : {out},
    dryRun: flags['dry-run'],
    check: {verify: flags.verify, strict: flags.strict, caller},
    set: settings(flags),
    templates: flags.template,
    ...(runner && {runner: {kind: runner, exporter: program}}),
    model: {
      app,
      procfile,
      formation,
      env,
      port,
      user: user === undefined ? undefined : {name: user, group},
      share: shares ? {memory, cpus: cpus === undefined ? undefined : cpusOf(cpus)} : undefined,
      paths: {unitDir: flags['unit-dir'], node: flags.node},
    },
  };
}
