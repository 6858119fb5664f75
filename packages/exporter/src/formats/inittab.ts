import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {ExportFault} from '../fault.ts';
import {setpriv} from '../launcher/drop.ts';
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

// init(8) of sysvinit 2.97 and later reads `*.tab` there.
export const DIRECTORY = '/etc/inittab.d';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  LAUNCHED_ON_LINUX,
  DROPPED_BY_SETPRIV,
  LOGGED_BY_REDIRECTION,
  native({
    unitDir: 'the process field',
    'processes.instances': 'one line an instance',
    'processes.boot': 'action off',
  }),
  emulated({'processes.reload': 'kill with the signal (no directive)'}),
  unsupported({
    'processes.restart.delayMs': 'init waits 5 minutes after 10 starts within 2',
    'processes.stop.signal': 'always SIGTERM',
    'processes.stop.timeoutMs': 'init -t, for all',
    'processes.stop.scope': 'always the group',
  }),
  native({'processes.restart.policy': 'action respawn or once'}),
);

export const capabilityOf: CapabilityOf = (field, _, process) =>
  field === 'processes.restart.policy' && process?.restart.policy === 'on-failure'
    ? {status: 'unsupported', by: 'respawn asks for no exit code'}
    : undefined;

export const manager: Manager = {
  enable: () => [{run: ['telinit', 'q']}],
  disable: () => [],
  forget: () => [{run: ['telinit', 'q']}],
};

// init(8) silently drops a line whose process field is longer.
const MAX_PROCESS_FIELD = 127;

/** `SH01`: four letters are all there is. */
function ids(name: string, count: number): string[] {
  const letters = name
    .replace(/[^a-z0-9]/g, '')
    .toUpperCase()
    .padEnd(2, 'X')
    .slice(0, 2);
  if (count > 99) throw new ExportFault('EXPORT_VALUE', 'inittab has room for 99 instances of an app');
  return Array.from({length: count}, (_, index) => `${letters}${String(index + 1).padStart(2, '0')}`);
}

function line(model: CompleteModel, one: PlannedProcess, id: string): string {
  const path = launcherPath(model, one);
  if (/[^\w./@+-]/.test(path) || path.length + '/bin/sh '.length > MAX_PROCESS_FIELD)
    throw new ExportFault('EXPORT_VALUE', `unitDir cannot stand in a line of inittab: ${path}`, {
      hint: 'At most 119 letters, digits and . _ / @ + -; set unitDir.',
    });
  const action = one.of.boot ? (one.of.restart.policy === 'no' ? 'once' : 'respawn') : 'off';
  return `${id}:2345:${action}:/bin/sh ${path}`;
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('inittab', ['tab'], options);
  const marker = markerLine({app: model.name, format: 'inittab'});
  const names = ids(model.name, planned.length);
  return planned.flatMap((one, index) => {
    const logged = {...one, logFile: one.logFile ?? logPath(model, `${one.id}.log`)};
    const lines = [line(model, one, names[index]!)];
    return [
      launcherFile(model, logged, {format: 'inittab', dropper: setpriv, log: 'file'}),
      // One line a file: init 3.06 reads no further than the first of each.
      {path: `${one.id}.tab`, content: templates.tab({marker, lines}), mode: 0o644},
    ];
  });
}

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  const tabs = files.filter(({path}) => path.endsWith('.tab')).map(({content}) => content);
  const lines = tabs.flatMap((tab) => [...tab.matchAll(/^[A-Z0-9]{4}:\d*:[a-z]+:\/bin\/sh (\S+)$/gm)]);
  return lines.flatMap(([, path]) => {
    const own = files.find((file) => path!.endsWith(`/${file.path}`));
    return own ? [readLauncher(own.path, own.content, setpriv)] : [];
  });
}
