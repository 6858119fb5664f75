import type {Capabilities} from '../capability-report.ts';
import {setpriv} from '../launcher/drop.ts';
import {finishLines} from '../launcher/finish-lines.ts';
import {shellWord} from '../launcher/quote.ts';
import {launcherLines} from '../launcher/script.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import {logPath, type PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {capabilitiesOf, emulated, LAUNCHED_ON_LINUX, native, DROPPED_BY_SETPRIV} from './capabilities.ts';
import {readRunScripts, scanned} from './service-directory.ts';

export const DIRECTORY = '/etc/s6/sv';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  LAUNCHED_ON_LINUX,
  DROPPED_BY_SETPRIV,
  native({
    logDir: 's6-log',
    'processes.instances': 'one directory an instance',
    'processes.stop.signal': 'file down-signal',
    'processes.stop.timeoutMs': 'file timeout-kill',
    'processes.reload': 's6-svc with the signal (no directive)',
    'processes.logs.rotate': 'n and s of s6-log',
    'processes.boot': 'file down',
  }),
  emulated({
    'processes.restart.policy': 'exit 125 of finish',
    'processes.restart.delayMs': 'sleep in finish, whole seconds',
    'processes.restart.limit': 's6-permafailon in finish',
    'processes.restart.preventExit': 'exit 125 of finish',
    'processes.restart.successExit': 'exit 125 of finish',
    'processes.stop.scope': 'a shell of ours passes signals on to the group',
    'processes.hooks.postStop': 'finish',
    'processes.logs.output': 'exec >>FILE in run',
  }),
);

export const manager = scanned('/run/service', undefined, (link) => [
  {run: ['s6-svc', '-wD', '-T', '15000', '-d', link]},
  {run: ['s6-svunlink', '/run/service', link.slice(link.lastIndexOf('/') + 1)]},
]);

export const readFiles = (files: readonly UnitFile[]) => readRunScripts(files, setpriv);

function finish(one: PlannedProcess): string[] {
  const {limit} = one.of.restart;
  return [
    ...finishLines(one, 'exit 125'),
    ...(limit
      ? [
          `exec s6-permafailon ${Math.ceil(limit.withinMs / 1000)} ${limit.count} 0-255,SIGKILL,SIGSEGV,SIGABRT,SIGTERM true`,
        ]
      : []),
  ];
}

function logLines(model: CompleteModel, {of, id}: PlannedProcess): string[] {
  const {output, rotate} = of.logs;
  if (output !== 'manager') return [];
  const directory = shellWord(logPath(model, id));
  const sizes = rotate ? `n${rotate.files} s${Math.max(4096, rotate.maxBytes)} ` : '';
  return [`mkdir -p ${directory} || exit 1`, `exec s6-log -b ${sizes}T ${directory}`];
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('s6', ['run', 'log', 'finish'], options);
  const marker = markerLine({app: model.name, format: 's6'});
  return planned.flatMap((one) => {
    const script = (path: string, name: keyof typeof templates, lines: readonly string[], mode = 0o755) =>
      lines.length === 0
        ? []
        : [{path: `${one.id}/${path}`, content: templates[name]({marker, lines}), mode}];
    const word = (path: string, text: string) => ({
      path: `${one.id}/${path}`,
      content: `${text}\n`,
      mode: 0o644,
    });
    const {stop, boot} = one.of;
    return [
      ...script('log/run', 'log', logLines(model, one)),
      ...script('finish', 'finish', finish(one)),
      ...(stop.signal === 'SIGTERM' ? [] : [word('down-signal', stop.signal)]),
      word('timeout-kill', String(stop.timeoutMs)),
      ...(boot ? [] : [word('down', marker)]),
      ...script(
        'run',
        'run',
        launcherLines(model, one, {dropper: setpriv, log: 'stdout', group: 'keeper'}),
        0o700,
      ),
    ];
  });
}
