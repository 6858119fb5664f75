import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {chroot} from '../launcher/drop.ts';
import {shellWord} from '../launcher/quote.ts';
import {readLauncher} from '../launcher/read.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import {logPath, type PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {
  capabilitiesOf,
  emulated,
  LAUNCHED,
  launcher,
  LOGGED_BY_REDIRECTION,
  native,
  unsupported,
} from './capabilities.ts';
import {launcherFile, launcherPath} from './launcher-file.ts';
import type {Manager} from './unit-format.ts';

export const DIRECTORY = '/usr/local/etc/rc.d';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  LAUNCHED,
  LOGGED_BY_REDIRECTION,
  launcher({
    'user.name': 'chroot -u',
    'user.group': 'chroot -g',
    'user.supplementary': 'chroot -G',
  }),
  native({
    description: 'desc=',
    unitDir: 'command_args=',
    'processes.description': 'desc=',
    'processes.instances': 'one script an instance',
    'processes.restart.policy': 'daemon -R',
    'processes.restart.delayMs': 'daemon -R, whole seconds',
    'processes.reload': 'extra_commands=reload',
    'processes.deps.requires': 'REQUIRE',
    'processes.deps.wants': 'REQUIRE, which only orders',
    'processes.deps.after': 'REQUIRE, which only orders',
    'processes.deps.network': 'REQUIRE: NETWORKING',
    'processes.boot': 'default of NAME_enable',
  }),
  emulated({'processes.stop.scope': 'timeout(1) passes the end on to all below it'}),
  unsupported({
    'processes.restart.limit': 'daemon(8) starts again for ever',
    'processes.stop.signal': 'daemon(8) passes SIGTERM on, and nothing else',
    'processes.stop.timeoutMs': 'rc.subr(8) waits for as long as it takes',
  }),
);

export const capabilityOf: CapabilityOf = (field, _, process) => {
  if (field === 'processes.restart.policy' && process?.restart.policy === 'on-failure')
    return {status: 'unsupported', by: 'daemon(8) asks for no exit code'};
  return field === 'processes.stop.timeoutMs' && process?.stop.scope === 'group'
    ? {status: 'launcher', by: 'timeout -k'}
    : undefined;
};

const scripts = (files: readonly string[]) => files.filter((file) => !file.endsWith('.sh'));

// rc(8) starts what is there; nobody has to be told.
export const manager: Manager = {
  enable: () => [],
  disable: ({files}) => scripts(files).map((name) => ({run: ['service', name, 'onestop']})),
};

function required({of: {deps}}: PlannedProcess): string {
  const named = [...(deps.requires ?? []), ...(deps.wants ?? []), ...(deps.after ?? [])];
  return ['LOGIN', ...(deps.network ? ['NETWORKING'] : []), ...named].join(' ');
}

/** Words that rc.subr evaluates once more. */
function commandArguments(model: CompleteModel, {id, of, ...one}: PlannedProcess): string {
  const seconds = Math.max(1, Math.ceil(of.restart.delayMs / 1000));
  const path = launcherPath(model, {id, of, ...one});
  return [
    `-f -P /var/run/${id}.pid -p /var/run/${id}.child.pid`,
    ...(of.restart.policy === 'no' ? [] : [`-R ${seconds}`]),
    `/bin/sh ${shellWord(path)}`,
  ].join(' ');
}

function reloadCommand({id, of, stopScope}: PlannedProcess): string | null {
  if (of.reload === undefined) return null;
  const child = `"$(cat /var/run/${id}.child.pid)"`;
  const signal = of.reload.slice(3);
  // timeout(1) would take it for the end.
  return shellWord(stopScope === 'group' ? `pkill -${signal} -P ${child}` : `kill -s ${signal} ${child}`);
}

/** What FreeBSD has no programs for, or other names. */
function withoutLinux(one: PlannedProcess): PlannedProcess {
  return {...one, of: {...one.of, ioClass: undefined, oomScoreAdjust: undefined}};
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('rc.d', ['script'], options);
  const marker = markerLine({app: model.name, format: 'rc.d'});
  return planned.flatMap((one) => {
    const {of, id} = one;
    const variable = id.replaceAll('-', '_');
    const logged = withoutLinux({...one, logFile: one.logFile ?? logPath(model, `${id}.log`)});
    const content = templates.script({
      marker,
      variable,
      require: required(one),
      description: shellWord(of.description ?? model.description ?? `${model.name} ${one.name}`),
      enabled: `: "\${${variable}_enable:=${of.boot ? 'YES' : 'NO'}}"`,
      pidfile: shellWord(`/var/run/${id}.pid`),
      arguments: shellWord(commandArguments(model, one)),
      reload: reloadCommand(one),
    });
    return [
      launcherFile({...model, sysctl: {}}, logged, {
        format: 'rc.d',
        dropper: chroot,
        log: 'file',
        group: 'reaper',
      }),
      {path: id, content, mode: 0o755},
    ];
  });
}

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  return files
    .filter(({path}) => path.endsWith('.sh'))
    .map(({path, content}) => readLauncher(path, content, chroot));
}
