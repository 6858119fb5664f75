import {isAbsolute, join} from 'node:path/posix';

import {commandForm} from './command-form.ts';
import type {CompleteModel, CompleteProcess} from './model-schema.ts';

/** What one instance has to be, whatever manager starts it: what is rendered, and what the rendered files are compared with. */
export interface PlannedProcess {
  /** `web.1` */
  readonly name: string;
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

function plan(model: CompleteModel, of: CompleteProcess, index: number): PlannedProcess {
  const name = `${of.name}.${index}`;
  const cwd = of.cwd === undefined ? model.root : isAbsolute(of.cwd) ? of.cwd : join(model.root, of.cwd);
  const command = commandForm(of.command);
  const own = of.port ? {[of.port.env]: String(of.port.base + index - 1), PS: name} : {PS: name};
  const set = {...of.env, ...own, ...(command.form === 'direct' ? command.env : {})};
  // Where the app has a PATH of its own, only a look-up at run time finds what it means.
  const programs = Object.hasOwn(set, 'PATH') ? {} : model.programs;
  return {
    name,
    index,
    of,
    defaultPath: pathOf(model),
    env: set,
    argv: command.form === 'direct' ? located(command.argv, cwd, programs) : [SHELL, '-c', command.line],
    form: command.form,
    cwd,
    user: model.user?.name,
    group: model.user?.group,
  };
}

/** Every instance of a model, in its order. */
export function plannedProcesses(model: CompleteModel): PlannedProcess[] {
  return model.processes.flatMap((of) =>
    Array.from({length: of.instances}, (_, index) => plan(model, of, index + 1)),
  );
}
