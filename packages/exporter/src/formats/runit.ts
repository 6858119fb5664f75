import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import {chpst} from '../launcher/drop.ts';
import {finishLines} from '../launcher/finish-lines.ts';
import {shellWord} from '../launcher/quote.ts';
import {launcherLines} from '../launcher/script.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import {logPath, type PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {capabilitiesOf, emulated, LAUNCHED_ON_LINUX, native} from './capabilities.ts';
import {readRunScripts, scanned} from './service-directory.ts';

export const DIRECTORY = '/etc/sv';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  LAUNCHED_ON_LINUX,
  native({
    'user.name': 'chpst -u',
    'user.group': 'chpst -u user:group',
    'user.supplementary': 'chpst -u user:group:group',
    logDir: 'svlogd',
    'processes.instances': 'one directory an instance',
    'processes.stop.signal': 'control/t',
    'processes.logs.tag': 'prefix of svlogd',
    'processes.logs.rotate': 'config of svlogd',
    'processes.boot': 'file down',
  }),
  emulated({
    'processes.restart.policy': 'finish',
    'processes.restart.delayMs': 'sleep in finish, whole seconds',
    'processes.restart.preventExit': 'finish',
    'processes.restart.successExit': 'finish',
    'processes.stop.scope': 'setsid, and control/t for the group',
    'processes.hooks.postStop': 'finish',
    'processes.logs.output': 'exec >>FILE in run',
    'processes.health': 'check, asked by sv start and sv check',
    'processes.deps.requires': 'sv start in run',
    'processes.deps.wants': 'sv start in run',
  }),
);

const RELOAD: Readonly<Record<string, string>> = {
  SIGHUP: 'hup',
  SIGUSR1: '1',
  SIGUSR2: '2',
  SIGINT: 'interrupt',
  SIGQUIT: 'quit',
};

export const capabilityOf: CapabilityOf = (field, _, process) => {
  const word = RELOAD[process?.reload ?? ''];
  if (field === 'processes.reload' && word !== undefined)
    return {status: 'native', by: `sv ${word} (no directive)`};
  if (field === 'processes.health' && process?.health?.kind !== 'exec')
    return {status: 'unsupported', by: 'only a command can be asked: kind exec'};
  return undefined;
};

// Debian, Void and Artix: /etc/service, where there is one, points here when runit runs.
export const manager = scanned('/etc/service', ['/etc/runit/runsvdir/default'], (link) => [
  {run: ['sv', '-w', '15', 'force-stop', link]},
  {run: ['sv', 'exit', link]},
  {run: ['rm', '-f', link]},
]);

export const readFiles = (files: readonly UnitFile[]) => readRunScripts(files, chpst);

function runLines(model: CompleteModel, one: PlannedProcess): string[] {
  const {deps} = one.of;
  return [
    ...(deps.requires ?? []).map((name) => `sv start ${shellWord(name)} || exit 1`),
    ...(deps.wants ?? []).map((name) => `sv start ${shellWord(name)}`),
    ...launcherLines(model, one, {dropper: chpst, log: 'stdout', group: 'session'}),
  ];
}

function controlLines({of, stopScope}: PlannedProcess): string[] {
  const group = stopScope === 'group' ? '-- -' : '';
  return of.stop.signal === 'SIGTERM' && group === ''
    ? []
    : [`exec kill -s ${of.stop.signal.slice(3)} ${group}"$(cat supervise/pid)"`];
}

function logLines(model: CompleteModel, {of, id}: PlannedProcess): string[] {
  const {output, rotate, tag} = of.logs;
  if (output !== 'manager') return [];
  const directory = shellWord(logPath(model, id));
  const config = [
    ...(rotate ? [`s${rotate.maxBytes}`, `n${rotate.files}`] : []),
    ...(tag === undefined ? [] : [`p${tag}: `]),
  ];
  return [
    `mkdir -p ${directory} || exit 1`,
    ...(config.length > 0
      ? [`printf '%s\\n' ${config.map(shellWord).join(' ')} >${directory}/config || exit 1`]
      : []),
    `exec svlogd -tt ${directory}`,
  ];
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('runit', ['run', 'log', 'finish', 'control', 'check'], options);
  const marker = markerLine({app: model.name, format: 'runit'});
  return planned.flatMap((one) => {
    const script = (path: string, name: keyof typeof templates, lines: readonly string[], mode = 0o755) =>
      lines.length === 0
        ? []
        : [{path: `${one.id}/${path}`, content: templates[name]({marker, lines}), mode}];
    const {health, boot} = one.of;
    return [
      ...script('log/run', 'log', logLines(model, one)),
      ...script('finish', 'finish', finishLines(one, 'printf d >supervise/control')),
      ...script('control/t', 'control', controlLines(one)),
      ...script(
        'check',
        'check',
        health?.kind === 'exec' ? [`exec /bin/sh -c ${shellWord(health.command ?? ':')}`] : [],
      ),
      ...(boot ? [] : [{path: `${one.id}/down`, content: `${marker}\n`, mode: 0o644}]),
      // It holds values; whoever is interrupted before it leaves nothing that could start.
      ...script('run', 'run', runLines(model, one), 0o700),
    ];
  });
}
