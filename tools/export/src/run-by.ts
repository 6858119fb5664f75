import {readFile, realpath} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';

import type {ServiceModel, ServiceProcess} from '@keelson/exporter';

import {AppExportFault} from './fault.ts';
import {programPaths} from './program-paths.ts';

/** What runs the processes below the manager. `none`: the manager itself. */
export type Runner = 'none' | 'supervisor' | 'foreman';

const PROGRAMS = {
  supervisor: {name: 'keelson-run', of: '@keelson/supervisor'},
  foreman: {name: 'keelson-foreman', of: '@keelson/foreman'},
} as const;

export interface RunByOptions {
  /** As `web=2,worker=1`, of what `foreman` starts. */
  readonly procfile?: string | undefined;
  /** The program that exports: what is installed beside it can be found. */
  readonly exporter?: string | undefined;
  readonly node: string;
}

/** The runner as the beginning of a command: as the processes' PATH finds it, else as it is installed beside this program. */
async function runnerArgv(
  runner: keyof typeof PROGRAMS,
  path: readonly string[],
  {exporter, node}: RunByOptions,
): Promise<string[]> {
  const {name, of} = PROGRAMS[runner];
  const found = (await programPaths([name], path))[name];
  if (found !== undefined) return [found];
  try {
    const beside = createRequire(await realpath(exporter ?? ''));
    const manifest = beside.resolve(`${of}/package.json`);
    const {bin} = JSON.parse(await readFile(manifest, 'utf8')) as {bin: Record<string, string>};
    return [node, join(dirname(manifest), bin[name]!)];
  } catch {
    throw new AppExportFault(
      'EXPORT_RUNNER',
      `${name} is installed neither in the app nor beside this program`,
      {
        hint: `npm install ${of} in the app.`,
      },
    );
  }
}

/** Words that mean themselves, behind the name of a program: no shell is needed for them. */
const PLAIN = /^(?:exec )? *([./\w-]*[A-Za-z][\w.-]*(?: +[\w@%+=:,./-]+)*) *$/;

function wordsOf({command}: ServiceProcess): string[] {
  if (typeof command !== 'string') return [...command.argv];
  const plain = PLAIN.exec(command)?.[1];
  return plain === undefined ? ['/bin/sh', '-c', command] : plain.split(/ +/);
}

// It looks into no .env: the values are in the unit.
const NO_FILE = ['--env', '/dev/null'];

/** keelson-run holds the port, lets workers take traffic when they are healthy, and drains them; it tells the manager. */
function supervised(process: ServiceProcess, program: readonly string[]): ServiceProcess {
  if (process.name !== 'web') return process;
  const argv = [...program, ...NO_FILE, '--host', '0.0.0.0', '--grace', '30', '--', ...wordsOf(process)];
  return {
    ...process,
    command: {argv},
    start: {...process.start, ready: 'notify', timeoutMs: process.start?.timeoutMs ?? 90_000},
    stop: {scope: 'main', ...process.stop, timeoutMs: Math.max(process.stop?.timeoutMs ?? 0, 40_000)},
    reload: process.reload ?? 'SIGHUP',
  };
}

/** One service, in which foreman starts all processes. */
function foreman(
  model: ServiceModel,
  program: readonly string[],
  procfile: string | undefined,
): ServiceProcess {
  const [first] = model.processes;
  const formation = model.processes.map(({name, instances = 1}) => `${name}=${instances}`).join(',');
  const {env} = first!;
  const port = first!.port === undefined ? [] : ['--port', String(first!.port.base)];
  const file = procfile === undefined ? [] : ['--procfile', procfile];
  const argv = [
    ...program,
    'start',
    ...NO_FILE,
    ...file,
    '--root',
    model.root,
    '--formation',
    formation,
    ...port,
  ];
  return {
    name: 'all',
    command: {argv: [...argv, '--timestamps', 'none']},
    instances: 1,
    ...(env && {env}),
    stop: {scope: 'main', timeoutMs: 20_000},
  };
}

/** A model whose processes are run by a runner below the manager. Faults: EXPORT_RUNNER. */
export async function runBy(
  runner: Runner,
  model: ServiceModel,
  options: RunByOptions,
): Promise<ServiceModel> {
  if (runner === 'none' || model.processes.length === 0) return model;
  const program = await runnerArgv(runner, model.path ?? [], options);
  const processes =
    runner === 'supervisor'
      ? model.processes.map((process) => supervised(process, program))
      : [foreman(model, program, options.procfile)];
  return {...model, processes};
}
