import {dirname, isAbsolute, join} from 'node:path/posix';

import {type CommandForm, commandForm, waitingProgram} from './command-form.ts';
import type {CompleteModel, CompleteProcess} from './model-schema.ts';

/** What one instance has to be, whatever manager starts it: what is rendered, and what the rendered files are compared with. */
export interface PlannedProcess {
  /** `web.1` */
  readonly name: string;
  /** `shop-web-1`: what its files and the manager call it. */
  readonly id: string;
  readonly index: number;
  readonly of: CompleteProcess;
  /** PATH unless something sets another. */
  readonly defaultPath: string;
  /** Everything that the model sets, the instance's own variables last. */
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
  /** `direct`: the program itself; `exec`: a shell that becomes it; `shell`: a shell that stays. */
  readonly form: 'direct' | 'exec' | 'shell';
  readonly cwd: string;
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly supplementary: readonly string[];
  readonly port: number | undefined;
  readonly pidfile: string | undefined;
  /** Undefined: where the manager keeps logs. */
  readonly logFile: string | undefined;
  readonly tag: string;
  /** What stays above the program, and passes no signal on: `a shell`, `npm`. */
  readonly above: string | undefined;
  readonly stopScope: 'main' | 'group';
}

const SHELL = '/bin/sh';
const ENV = '/usr/bin/env';
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function pathOf(model: CompleteModel): string {
  return (model.path ?? [join(model.root, 'node_modules/.bin'), ...SYSTEM_PATH]).join(':');
}

/** argv with an absolute program: a manager looks into no PATH. `env(1)` does, and becomes the program. */
function located(argv: readonly string[], cwd: string, programs: Readonly<Record<string, string>>): string[] {
  const [program = '', ...rest] = argv;
  if (isAbsolute(program)) return [program, ...rest];
  if (program.includes('/')) return [join(cwd, program), ...rest];
  return Object.hasOwn(programs, program) ? [programs[program]!, ...rest] : [ENV, ...argv];
}

function formOf(command: CompleteProcess['command']): CommandForm {
  return typeof command === 'string' ? commandForm(command) : {form: 'direct', env: {}, argv: command.argv};
}

function plan(model: CompleteModel, of: CompleteProcess, index: number): PlannedProcess {
  const name = `${of.name}.${index}`;
  const cwd = of.cwd === undefined ? model.root : isAbsolute(of.cwd) ? of.cwd : join(model.root, of.cwd);
  const command = formOf(of.command);
  const numbered = (path: string) => path.replaceAll('{n}', String(index));
  const port = of.port && of.port.base + index - 1;
  const {output} = of.logs;
  const own = of.port ? {[of.port.env]: String(port), PS: name} : {PS: name};
  const set = {...of.env, ...own, ...(command.form === 'direct' ? command.env : {})};
  // Where the app has a PATH of its own, only a look-up at run time finds what it means.
  const programs = Object.hasOwn(set, 'PATH') ? {} : model.programs;
  const id = `${model.name}-${of.name}-${index}`;
  const above = command.form === 'shell' ? 'a shell' : waitingProgram(command.argv);
  return {
    name,
    id,
    index,
    of,
    defaultPath: pathOf(model),
    env: set,
    argv: command.form === 'direct' ? located(command.argv, cwd, programs) : [SHELL, '-c', command.line],
    form: command.form,
    cwd,
    user: model.user?.name,
    group: model.user?.group,
    supplementary: model.user?.supplementary ?? [],
    port,
    pidfile: of.pidfile === undefined ? undefined : numbered(of.pidfile),
    logFile: typeof output === 'object' ? numbered(output.file) : output === 'null' ? '/dev/null' : undefined,
    tag: of.logs.tag ?? id,
    above,
    // Only the whole group reaches a program below it.
    stopScope: of.stop.scope ?? (above === undefined ? 'main' : 'group'),
  };
}

/** Every instance of a model, in its order. */
export function plannedProcesses(model: CompleteModel): PlannedProcess[] {
  return model.processes.flatMap((of) =>
    Array.from({length: of.instances}, (_, index) => plan(model, of, index + 1)),
  );
}

/** The directory of a log; none of what is thrown away. */
export function logDirectory(logFile: string | undefined): string[] {
  return logFile === undefined || logFile === '/dev/null' ? [] : [dirname(logFile)];
}

/** A path in the directory of logs, for managers that have none of their own. */
export function logPath({logDir, name}: CompleteModel, file: string): string {
  return join(logDir ?? `/var/log/${name}`, file);
}
