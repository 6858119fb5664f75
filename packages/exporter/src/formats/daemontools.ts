import type {Capabilities} from '../capability-report.ts';
import {setpriv} from '../launcher/drop.ts';
import {shellWord} from '../launcher/quote.ts';
import {launcherLines} from '../launcher/script.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import {logPath, type PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {capabilitiesOf, emulated, LAUNCHED_ON_LINUX, native, DROPPED_BY_SETPRIV} from './capabilities.ts';
import {readRunScripts, scanned} from './service-directory.ts';

export const DIRECTORY = '/etc/sv';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  LAUNCHED_ON_LINUX,
  DROPPED_BY_SETPRIV,
  native({
    logDir: 'multilog',
    'processes.instances': 'one directory an instance',
    'processes.reload': 'svc with the signal (no directive)',
    'processes.logs.rotate': 'n and s of multilog',
    'processes.boot': 'file down',
  }),
  emulated({
    'processes.logs.output': 'exec >>FILE in run',
    'processes.stop.scope': 'a shell of ours passes signals on to the group',
  }),
);

export const manager = scanned('/etc/service', [], (link) => [
  {run: ['rm', '-f', link]},
  // svscan has let go of it; its supervise still listens in the directory itself.
  {run: ['svc', '-dx', link.replace('/etc/service', DIRECTORY)]},
]);

export const readFiles = (files: readonly UnitFile[]) => readRunScripts(files, setpriv);

function logLines(model: CompleteModel, {of, id}: PlannedProcess): string[] {
  const {output, rotate} = of.logs;
  if (output !== 'manager') return [];
  const directory = shellWord(logPath(model, id));
  // multilog takes 4096 to 16777215 bytes.
  const bytes = rotate && Math.min(16_777_215, Math.max(4096, rotate.maxBytes));
  const sizes = rotate ? `n${Math.max(2, rotate.files)} s${bytes} ` : '';
  return [`mkdir -p ${directory} || exit 1`, `exec multilog t ${sizes}${directory}`];
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('daemontools', ['run', 'log'], options);
  const marker = markerLine({app: model.name, format: 'daemontools'});
  return planned.flatMap((one) => {
    const script = (path: string, name: keyof typeof templates, lines: readonly string[], mode = 0o755) =>
      lines.length === 0
        ? []
        : [{path: `${one.id}/${path}`, content: templates[name]({marker, lines}), mode}];
    return [
      ...script('log/run', 'log', logLines(model, one)),
      ...(one.of.boot ? [] : [{path: `${one.id}/down`, content: `${marker}\n`, mode: 0o644}]),
      ...script(
        'run',
        'run',
        launcherLines(model, one, {dropper: setpriv, log: 'stdout', group: 'keeper'}),
        0o700,
      ),
    ];
  });
}
