import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {setpriv} from '../launcher/drop.ts';
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
  LAUNCHED_ON_LINUX,
  native,
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
    description: 'Short-Description:',
    unitDir: 'the launcher beside the script',
    'processes.description': 'Short-Description:',
    'processes.instances': 'one script an instance',
    'processes.stop.signal': '--retry',
    'processes.stop.timeoutMs': '--retry, whole seconds',
    'processes.reload': 'reload: --signal',
    'processes.pidfile': '--pidfile',
    'processes.deps.requires': 'Required-Start:',
    'processes.deps.wants': 'Should-Start:',
    'processes.deps.after': 'Should-Start:',
    'processes.deps.network': 'Required-Start: $network',
    'processes.boot': 'Default-Start:',
  }),
);

export const capabilityOf: CapabilityOf = (field, _, process) =>
  field === 'processes.restart.policy' && process?.restart.policy === 'no'
    ? {status: 'native', by: 'nothing starts it again (no directive)'}
    : undefined;

const scripts = (files: readonly string[]) => files.filter((file) => !file.endsWith('.sh'));

export const manager: Manager = {
  enable: ({files}) =>
    scripts(files).map((name) => ({
      run: ['update-rc.d', name, 'defaults'],
      undo: ['update-rc.d', '-f', name, 'remove'],
    })),
  disable: ({files, directory}) =>
    scripts(files).flatMap((name) => [
      {run: [`${directory}/${name}`, 'stop']},
      {run: ['update-rc.d', '-f', name, 'remove']},
    ]),
};

function headers({of: {deps, boot}}: PlannedProcess): object {
  const should = [...(deps.wants ?? []), ...(deps.after ?? [])];
  const required = ['$remote_fs', '$syslog', ...(deps.network ? ['$network'] : []), ...(deps.requires ?? [])];
  return {
    requiredStart: required.join(' '),
    requiredStop: required.join(' '),
    shouldStart: should.join(' '),
    defaultStart: boot ? '2 3 4 5' : '',
    defaultStop: '0 1 6',
  };
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('sysv', ['script'], options);
  const marker = markerLine({app: model.name, format: 'sysv'});
  return planned.flatMap((one) => {
    const {of, id} = one;
    const logged = {...one, logFile: one.logFile ?? logPath(model, `${id}.log`)};
    const signal = of.stop.signal.slice(3);
    const content = templates.script({
      marker,
      id,
      ...headers(one),
      description: of.description ?? model.description ?? `${model.name} ${one.name}`,
      launcher: shellWord(launcherPath(model, one)),
      pidfile: shellWord(one.pidfile ?? `/run/${id}.pid`),
      retry: `${signal}/${Math.max(1, Math.ceil(of.stop.timeoutMs / 1000))}/KILL/5`,
      reload: of.reload?.slice(3) ?? null,
    });
    return [
      launcherFile(model, logged, {
        format: 'sysv',
        dropper: setpriv,
        log: 'file',
        group: 'keeper',
        pidfile: false,
      }),
      {path: id, content, mode: 0o755},
    ];
  });
}

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  return files
    .filter(({path}) => path.endsWith('.sh'))
    .map(({path, content}) => readLauncher(path, content, setpriv));
}
