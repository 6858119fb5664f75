import {join} from 'node:path/posix';

import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {setpriv} from '../launcher/drop.ts';
import {shellCommand, shellWord} from '../launcher/quote.ts';
import {readLauncher} from '../launcher/read.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import {logPath, type PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {
  capabilitiesOf,
  emulated,
  LAUNCHED_ON_LINUX,
  native,
  unsupported,
  DROPPED_BY_SETPRIV,
  LOGGED_BY_REDIRECTION,
} from './capabilities.ts';
import {launcherFile, launcherPath} from './launcher-file.ts';
import type {Manager} from './unit-format.ts';

export const DIRECTORY = '/etc/init.d';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  LAUNCHED_ON_LINUX,
  DROPPED_BY_SETPRIV,
  LOGGED_BY_REDIRECTION,
  emulated({'processes.stop.scope': 'a shell of ours passes signals on to the group'}),
  native({
    description: 'description=',
    unitDir: 'command_args=',
    'processes.description': 'description=',
    'processes.instances': 'one service an instance',
    'processes.restart.delayMs': 'respawn_delay=, whole seconds',
    'processes.restart.limit': 'respawn_max= and respawn_period=',
    'processes.stop.signal': 'retry=',
    'processes.stop.timeoutMs': 'retry=, whole seconds',
    'processes.reload': 'extra_started_commands=reload',
    'processes.hooks.postStop': 'stop_post()',
    'processes.deps.requires': 'need',
    'processes.deps.wants': 'want',
    'processes.deps.after': 'after',
    'processes.deps.network': 'need net, or after net',
  }),
  unsupported({
    'processes.restart.policy': 'supervise-daemon always starts it again',
    'processes.boot': 'rc-update adds all services of the app',
  }),
);

export const capabilityOf: CapabilityOf = (field, _, process) =>
  field === 'processes.restart.policy' && process?.restart.policy === 'always'
    ? {status: 'native', by: 'supervisor=supervise-daemon'}
    : undefined;

const services = (files: readonly string[]) => files.filter((file) => !file.endsWith('.sh'));

export const manager: Manager = {
  enable: ({files}) =>
    services(files).map((name) => ({
      run: ['rc-update', 'add', name, 'default'],
      undo: ['rc-update', 'del', name, 'default'],
    })),
  disable: ({files}) =>
    services(files).flatMap((name) => [
      {run: ['rc-service', '--ifstarted', name, 'stop']},
      {run: ['rc-update', 'del', name, 'default']},
    ]),
  // What rc-update does.
  inImage: {
    into: () => ['/etc/runlevels/default'],
    links: ({files, directory}) =>
      Object.fromEntries(services(files).map((name) => [name, join(directory, name)])),
  },
};

const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));

function dependLines({of: {deps}}: PlannedProcess): string[] {
  const line = (word: string, names: readonly string[] = []) =>
    names.length > 0 ? [`${word} ${names.join(' ')}`] : [];
  return [
    ...line('need', deps.requires),
    ...line('want', deps.wants),
    ...line('after', deps.after),
    ...(deps.network === 'online' ? ['need net'] : []),
  ];
}

function ruleLines({of: {restart, stop}}: PlannedProcess): string[] {
  return [
    `respawn_delay=${Math.ceil(restart.delayMs / 1000)}`,
    // 0: as often as it takes.
    `respawn_max=${restart.limit?.count ?? 0}`,
    ...(restart.limit ? [`respawn_period=${seconds(restart.limit.withinMs)}`] : []),
    `retry=${shellWord(`${stop.signal}/${seconds(stop.timeoutMs)}/SIGKILL/5`)}`,
  ];
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('openrc', ['service'], options);
  const marker = markerLine({app: model.name, format: 'openrc'});
  return planned.flatMap((one) => {
    const {of, id} = one;
    const logged = {...one, logFile: one.logFile ?? logPath(model, `${id}.log`)};
    const content = templates.service({
      marker,
      name: shellWord(id),
      description: shellWord(of.description ?? model.description ?? `${model.name} ${one.name}`),
      // openrc-run evaluates it once more.
      commandArgs: shellWord(shellWord(launcherPath(model, one))),
      pidfile: shellWord(`/run/${id}.pid`),
      lines: ruleLines(one),
      depend: dependLines(one),
      reload: of.reload ?? null,
      postStop: of.hooks.postStop?.map((hook) => shellCommand(['/bin/sh', '-c', hook])).join(' && ') ?? null,
    });
    return [
      // OpenRC takes nothing that ends in .sh for a service.
      launcherFile(model, logged, {format: 'openrc', dropper: setpriv, log: 'file', group: 'keeper'}),
      {path: id, content, mode: 0o755},
    ];
  });
}

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  return files
    .filter(({path}) => path.endsWith('.sh'))
    .map(({path, content}) => readLauncher(path, content, setpriv));
}
