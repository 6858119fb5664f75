import {join} from 'node:path/posix';

import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {ExportFault} from '../fault.ts';
import {setpriv} from '../launcher/drop.ts';
import {shellWord} from '../launcher/quote.ts';
import {readLauncher} from '../launcher/read.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import {logPath, type PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {
  approximate,
  capabilitiesOf,
  DROPPED_BY_SETPRIV,
  emulated,
  LAUNCHED_ON_LINUX,
  LOGGED_BY_REDIRECTION,
  native,
  unsupported,
} from './capabilities.ts';
import {launcherFile, launcherPath} from './launcher-file.ts';
import type {Checker, Manager} from './unit-format.ts';

// Not /etc/monit/conf.d: monit would read our scripts there too.
export const DIRECTORY = '/etc/keelson/monit';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  LAUNCHED_ON_LINUX,
  DROPPED_BY_SETPRIV,
  LOGGED_BY_REDIRECTION,
  native({
    unitDir: 'start program',
    'processes.instances': 'one check process an instance',
    'processes.restart.policy': 'what does not exist is started, or no longer looked at',
    'processes.start.timeoutMs': 'start program … with timeout, whole seconds',
    'processes.deps.requires': 'depends on',
    'processes.pidfile': 'with pidfile',
    'processes.boot': 'onreboot nostart',
  }),
  emulated({
    'processes.stop.signal': 'kill in a control script',
    'processes.stop.timeoutMs': 'a control script waits, then kills',
    'processes.stop.scope': 'kill of the group in a control script',
    'processes.reload': 'kill in a control script, which nobody calls by itself',
  }),
  approximate({
    'processes.limits.memoryMax': 'if total memory > …: looked at once a cycle, not kept',
    'processes.restart.limit': 'if N restarts within M cycles; a cycle is taken for 120 s',
    'processes.health': 'if failed port …: asked once a cycle',
  }),
  unsupported({'processes.restart.delayMs': 'monit looks once a cycle'}),
);

export const capabilityOf: CapabilityOf = (field, _, process) => {
  if (field === 'processes.restart.policy' && process?.restart.policy === 'on-failure')
    return {status: 'unsupported', by: 'monit sees no exit code'};
  return field === 'processes.health' && (process?.health?.kind !== 'http' || !process.port)
    ? {status: 'unsupported', by: 'only a port is asked, by http'}
    : undefined;
};

export const checker: Checker = {
  program: 'monit',
  argv: (files) => ['-t', '-c', files.find((file) => file.endsWith('.monitrc')) ?? ''],
};

const INCLUDED = '/etc/monit/conf.d';

export const manager: Manager = {
  enable: ({app, directory}) => [
    {
      run: ['ln', '-sfn', join(directory, `${app}.monitrc`), join(INCLUDED, `${app}.conf`)],
      undo: ['rm', '-f', join(INCLUDED, `${app}.conf`)],
    },
    {run: ['monit', 'reload']},
  ],
  disable: ({app, directory, files}) => [
    {run: ['monit', '-g', app, 'unmonitor']},
    ...files
      .filter((file) => file.endsWith('.control'))
      .map((file) => ({run: ['/bin/sh', join(directory, file), 'stop']})),
    {run: ['rm', '-f', join(INCLUDED, `${app}.conf`)]},
  ],
  forget: () => [{run: ['monit', 'reload']}],
  inImage: {
    into: () => [INCLUDED],
    links: ({app, directory}) => ({[`${app}.conf`]: join(directory, `${app}.monitrc`)}),
  },
};

const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));
const CYCLE_MS = 120_000;

/** A path in a word of monit, which splits at blanks and knows no escape. */
function plainPath(path: string, where: string): string {
  if (!/[^\w./@+,:=-]/.test(path)) return path;
  throw new ExportFault('EXPORT_VALUE', `${where} cannot stand in a file of monit: ${path}`, {
    hint: 'Letters, digits and . _ / @ + , : = - are all it can have.',
  });
}

function checkLines(model: CompleteModel, one: PlannedProcess, pidfile: string): string[] {
  const {of, id, port} = one;
  const {limit, policy} = of.restart;
  const control = plainPath(join(model.unitDir, `${id}.control`), 'unitDir');
  const program = (word: string, ms: number) =>
    `  ${word} program = "/bin/sh ${control} ${word}" with timeout ${seconds(ms)} seconds`;
  const cycles = limit && Math.max(limit.count, Math.ceil(limit.withinMs / CYCLE_MS));
  const path = of.health?.path.replaceAll('"', '%22').replaceAll('\\', '%5C');
  return [
    `check process ${id} with pidfile ${plainPath(pidfile, 'pidfile')}`,
    `  group ${model.name}`,
    program('start', of.start.timeoutMs ?? 30_000),
    // One more than the script itself takes.
    program('stop', of.stop.timeoutMs + 2000),
    ...(policy === 'no' ? ['  if does not exist then unmonitor'] : []),
    ...(limit ? [`  if ${limit.count} restarts within ${cycles} cycles then unmonitor`] : []),
    ...(of.limits.memoryMax === undefined
      ? []
      : [`  if total memory > ${Math.ceil(of.limits.memoryMax / 1024)} KB for 2 cycles then restart`]),
    ...(of.health?.kind === 'http' && port !== undefined
      ? [
          `  if failed host 127.0.0.1 port ${port} protocol http request "${path}" with timeout ${seconds(of.health.timeoutMs)} seconds for ${of.health.retries} cycles then restart`,
        ]
      : []),
    ...(of.deps.requires ?? []).map((name) => `  depends on ${name}`),
    ...(of.boot ? [] : ['  onreboot nostart']),
  ];
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('monit', ['control', 'monitrc'], options);
  const marker = markerLine({app: model.name, format: 'monit'});
  const pidfileOf = ({pidfile, id}: PlannedProcess) => pidfile ?? `/run/${id}.pid`;
  const scripts = planned.flatMap((one) => {
    const {of, id, stopScope} = one;
    const logged = {...one, logFile: one.logFile ?? logPath(model, `${id}.log`)};
    const content = templates.control({
      marker,
      launcher: shellWord(launcherPath(model, one)),
      pidfile: shellWord(pidfileOf(one)),
      signal: of.stop.signal.slice(3),
      scope: stopScope === 'group' ? '-' : '',
      tenths: Math.max(1, Math.ceil(of.stop.timeoutMs / 100)),
      reload: of.reload?.slice(3) ?? null,
    });
    return [
      launcherFile(model, logged, {format: 'monit', dropper: setpriv, log: 'file', pidfile: false}),
      {path: `${id}.control`, content, mode: 0o755},
    ];
  });
  const checks = planned.map((one) => checkLines(model, one, pidfileOf(one)));
  const content = templates.monitrc({marker, checks});
  return [...scripts, {path: `${model.name}.monitrc`, content, mode: 0o600}];
}

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  return files
    .filter(({path}) => path.endsWith('.sh'))
    .map(({path, content}) => readLauncher(path, content, setpriv));
}
