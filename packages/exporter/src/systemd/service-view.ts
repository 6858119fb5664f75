import {join} from 'node:path/posix';

import {ExportFault} from '../fault.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import {environmentAssignment, environmentFileLine, execArgument, execProgram, plainValue} from './escape.ts';
import {furtherLines, hardeningLines, limitLines, orderLines} from './service-lines.ts';

/** A service's name without `.service`: of one instance, or of the template of all. */
export interface ServiceName {
  readonly unit: string;
  /** What stands in it for the instance's number. */
  readonly number: string;
}

export function instanceName({target, name}: CompleteModel, {id, of, index}: PlannedProcess): string {
  return target.units === 'template' ? `${name}-${of.name}@${index}` : id;
}

export function serviceName(model: CompleteModel, one: PlannedProcess): ServiceName {
  return model.target.units === 'template'
    ? {unit: `${model.name}-${one.of.name}@`, number: '%i'}
    : {unit: one.id, number: String(one.index)};
}

/** Files decide over `Environment=`; so where others' files are read, everything of ours goes into one that comes after them. */
export function ownFile({envStorage, target}: CompleteModel, {of}: PlannedProcess): boolean {
  return envStorage === 'file' || target.units === 'template' || of.envFiles.length > 0;
}

const numbered = (number: string) => (pattern: string, where: string) =>
  plainValue(pattern, where).replaceAll('{n}', number);

function execStart({argv}: PlannedProcess): string {
  const [program = '', ...args] = argv;
  // `$` cannot stand in the program's own path; env(1) takes it as an argument.
  return program.includes('$')
    ? [execProgram('/usr/bin/env'), ...argv.map(execArgument)].join(' ')
    : [execProgram(program), ...args.map(execArgument)].join(' ');
}

/** What the template of a service is filled with. */
export function serviceView(model: CompleteModel, one: PlannedProcess): object {
  const {of, env, cwd, user, group} = one;
  const {unit, number} = serviceName(model, one);
  const inFile = ownFile(model, one);
  const inline = {PATH: one.defaultPath, ...(inFile ? {} : env)};
  const {limit} = of.restart;
  const told = of.description ?? model.description;
  const ofUser = model.target.scope === 'user';
  return {
    marker: markerLine({app: model.name, format: 'systemd'}),
    description: `${model.name} ${of.name}.${number}${told === undefined ? '' : ` (${plainValue(told, 'description')})`}`,
    target: `${model.name}.target`,
    socket: of.sockets ? `${unit}${number === '%i' ? '%i' : ''}.socket` : null,
    order: orderLines(one),
    // Without a limit of ours systemd's own would be: after 5 starts in 10 s it never starts the service again.
    startLimit: {interval: limit ? `${limit.withinMs}ms` : '0', count: limit?.count ?? null},
    type: of.start.ready === 'notify' ? 'notify' : 'exec',
    user: ofUser ? null : (user ?? null),
    group: ofUser ? null : (group ?? null),
    workingDirectory: plainValue(cwd, 'cwd'),
    environment: Object.entries(inline).map(([name, value]) => environmentAssignment(name, value)),
    environmentFiles: [
      ...of.envFiles.map((file) => (file.optional ? '-' : '') + plainValue(file.path, 'envFiles')),
      ...(inFile
        ? [`${plainValue(join(model.unitDir, unit), 'unitDir')}${number === '%i' ? '%i' : ''}.env`]
        : []),
    ],
    execStart: execStart(one),
    restart: {policy: of.restart.policy, delay: `${of.restart.delayMs}ms`},
    killMode: one.stopScope === 'group' ? 'control-group' : 'mixed',
    stop: {signal: of.stop.signal, timeout: `${of.stop.timeoutMs}ms`},
    tag: of.logs.tag ?? `${model.name}-${of.name}-${number}`,
    further: furtherLines(model, one, numbered(number)),
    limits: limitLines(one),
    hardening: hardeningLines(model, one),
    extra: of.extra['systemd'] ?? [],
    boot: of.boot,
  };
}

/** What the template of a socket is filled with. */
export function socketView(model: CompleteModel, one: PlannedProcess): object {
  const {unit, number} = serviceName(model, one);
  const listens = (one.of.sockets ?? []).map(({listen}) => {
    if (!listen.includes('{port}')) return listen.replaceAll('{n}', number);
    if (one.port !== undefined && number !== '%i')
      return listen.replaceAll('{n}', number).replaceAll('{port}', String(one.port));
    throw new ExportFault('EXPORT_VALUE', `sockets of ${one.of.name}: {port} has no meaning here`, {
      hint:
        number === '%i' ? 'A template unit only knows its {n}; use flat units.' : 'Give the process a port.',
    });
  });
  const [first] = one.of.sockets ?? [];
  return {
    marker: markerLine({app: model.name, format: 'systemd'}),
    description: `${model.name} ${one.of.name}.${number}`,
    target: `${model.name}.target`,
    listens,
    name: first?.name ?? null,
    backlog: first?.backlog ?? null,
    mode: first?.mode ?? null,
    service: `${unit}${number === '%i' ? '%i' : ''}.service`,
  };
}

export function environmentFile(model: CompleteModel, one: PlannedProcess): string {
  const lines = Object.entries(one.env).map(([name, value]) => environmentFileLine(name, value));
  return [markerLine({app: model.name, format: 'systemd'}), ...lines, ''].join('\n');
}
