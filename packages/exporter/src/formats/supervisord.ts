import {join} from 'node:path/posix';

import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {ExportFault} from '../fault.ts';
import {setpriv} from '../launcher/drop.ts';
import {readLauncher} from '../launcher/read.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel, CompleteProcess} from '../model-schema.ts';
import {logDirectory, type PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {all, commandWord, environmentPair, plainValue} from '../supervisord/escape.ts';
import {readEnvironment, readSections, readWords} from '../supervisord/read.ts';
import {capabilitiesOf, launcher, LAUNCHED_ON_LINUX, native, unsupported} from './capabilities.ts';
import {launcherFile, launcherPath} from './launcher-file.ts';
import type {Manager} from './unit-format.ts';

export const DIRECTORY = '/etc/supervisor/conf.d';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  LAUNCHED_ON_LINUX,
  native({
    root: 'directory=',
    'user.name': 'user=',
    unitDir: 'command=, where a launcher is needed',
    logDir: 'stdout_logfile=',
    path: 'environment=PATH=…',
    'processes.command': 'command=',
    'processes.instances': 'one program an instance',
    'processes.cwd': 'directory=',
    'processes.env': 'environment=; a launcher for values that it cannot hold',
    'processes.restart.policy': 'autorestart=',
    'processes.restart.limit': 'startretries=',
    'processes.restart.successExit': 'exitcodes=',
    'processes.stop.signal': 'stopsignal=',
    'processes.stop.timeoutMs': 'stopwaitsecs=',
    'processes.stop.scope': 'stopasgroup= and killasgroup=',
    'processes.reload': 'supervisorctl signal (no directive)',
    'processes.logs.output': 'stdout_logfile=',
    'processes.logs.rotate': 'stdout_logfile_maxbytes= and _backups=',
    'processes.umask': 'umask=',
    'processes.boot': 'autostart=',
    'processes.extra': 'as it is, in [program:x]',
  }),
  launcher({'user.group': 'setpriv --regid', 'user.supplementary': 'setpriv --groups'}),
  unsupported({
    envStorage: 'the file is readable for root alone in either case',
    'processes.restart.delayMs': 'it waits 1, 2, 3 … seconds while a program does not come up',
  }),
);

export const capabilityOf: CapabilityOf = (field, {user}) =>
  field === 'user.name' && (user?.group !== undefined || user?.supplementary)
    ? {status: 'launcher', by: 'setpriv --reuid'}
    : undefined;

export const manager: Manager = {
  enable: ({app}) => [{run: ['supervisorctl', 'reread']}, {run: ['supervisorctl', 'update', app]}],
  disable: ({app}) => [{run: ['supervisorctl', 'stop', `${app}:*`]}],
  // `update` has stopped them: they are no longer in the app's file.
  stop: () => [],
  forget: ({app}) => [{run: ['supervisorctl', 'reread']}, {run: ['supervisorctl', 'update', app]}],
};

interface Inline {
  readonly command: string;
  readonly environment: string;
  readonly directory: string;
  readonly user: string | undefined;
}

function launcherOnly(model: CompleteModel, {of, group, supplementary, pidfile}: PlannedProcess): boolean {
  const limited = ['nofile', 'nproc', 'core', 'as', 'data', 'stack', 'memlock', 'fsize'] as const;
  return (
    group !== undefined ||
    supplementary.length > 0 ||
    pidfile !== undefined ||
    of.envFiles.length > 0 ||
    of.hooks.preStart !== undefined ||
    of.nice !== undefined ||
    of.ioClass !== undefined ||
    of.oomScoreAdjust !== undefined ||
    limited.some((name) => of.limits[name] !== undefined) ||
    Object.keys(model.sysctl).length > 0
  );
}

/** Without a launcher, where everything can be said. supervisord prints values that it refuses, so none may be a try. */
function inline(model: CompleteModel, one: PlannedProcess): Inline | undefined {
  if (launcherOnly(model, one)) return undefined;
  const environment = all(
    Object.entries({PATH: one.defaultPath, ...one.env}).map(([name, value]) => environmentPair(name, value)),
  );
  const command = all(one.argv.map(commandWord));
  const directory = plainValue(one.cwd);
  if (!environment || !command || directory === undefined) return undefined;
  return {command: command.join(' '), environment: environment.join(','), directory, user: one.user};
}

const RESTARTS = {no: 'false', 'on-failure': 'unexpected', always: 'true'} as const;
// Without a limit of ours it is to try for ever.
const FOR_EVER = 1_000_000;

function orRefuse(value: string | undefined, where: string): string {
  if (value !== undefined) return value;
  throw new ExportFault('EXPORT_VALUE', `${where} cannot stand in a file of supervisord`, {
    hint: 'It may hold no control characters, and no blank before ; or #.',
  });
}

// AUTO is its own.
function logOf({logDir}: CompleteModel, {logFile, id}: PlannedProcess): string | undefined {
  return logFile ?? (logDir === undefined ? undefined : join(logDir, `${id}.log`));
}

/** One that is missing would stop supervisord as a whole. */
export function logDirectories(model: CompleteModel, planned: readonly PlannedProcess[]): string[] {
  return planned.flatMap((one) => logDirectory(logOf(model, one)));
}

function logLines(model: CompleteModel, one: PlannedProcess): string[] {
  const {
    of: {
      logs: {rotate},
    },
    logFile,
  } = one;
  if (logFile === '/dev/null') return ['stdout_logfile=NONE'];
  const ours = logOf(model, one);
  return [
    `stdout_logfile=${ours === undefined ? 'AUTO' : orRefuse(plainValue(ours), 'logs.output')}`,
    ...(rotate
      ? [`stdout_logfile_maxbytes=${rotate.maxBytes}`, `stdout_logfile_backups=${rotate.files}`]
      : logFile === undefined
        ? []
        : ['stdout_logfile_maxbytes=0']),
  ];
}

function ruleLines({restart, stop, umask, boot, extra}: CompleteProcess): string[] {
  return [
    `autostart=${boot}`,
    `autorestart=${RESTARTS[restart.policy]}`,
    ...(restart.successExit ? [`exitcodes=${[0, ...restart.successExit].join(',')}`] : ['exitcodes=0']),
    'startsecs=0',
    `startretries=${restart.limit?.count ?? FOR_EVER}`,
    `stopsignal=${stop.signal.slice(3)}`,
    `stopwaitsecs=${Math.max(1, Math.ceil(stop.timeoutMs / 1000))}`,
    ...(umask === undefined ? [] : [`umask=${umask}`]),
    ...(extra['supervisord'] ?? []),
  ];
}

function programView(model: CompleteModel, one: PlannedProcess, short: Inline | undefined): object {
  const path = orRefuse(commandWord(launcherPath(model, one)), 'unitDir');
  return {
    marker: markerLine({app: model.name, format: 'supervisord'}, ';'),
    id: one.id,
    command: short?.command ?? `"/bin/sh" ${path}`,
    directory: short?.directory ?? null,
    environment: short?.environment ?? null,
    lines: [
      ...(short?.user === undefined ? [] : [`user=${short.user}`]),
      'redirect_stderr=true',
      ...logLines(model, one),
      ...ruleLines(one.of),
      ...(one.stopScope === 'group' ? ['stopasgroup=true'] : []),
      'killasgroup=true',
    ],
  };
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('supervisord', ['program', 'group'], options);
  const programs = planned.flatMap((one) => {
    const short = inline(model, one);
    const content = templates.program(programView(model, one, short));
    return [
      ...(short ? [] : [launcherFile(model, one, {format: 'supervisord', dropper: setpriv})]),
      {path: `${one.id}.conf`, content, mode: 0o600},
    ];
  });
  if (planned.length === 0) return [];
  const group = templates.group({
    marker: markerLine({app: model.name, format: 'supervisord'}, ';'),
    app: model.name,
    programs: planned.map(({id}) => id).join(','),
  });
  return [...programs, {path: `${model.name}.conf`, content: group, mode: 0o644}];
}

function readProgram(
  program: ReadonlyMap<string, string>,
  file: UnitFile,
  files: readonly UnitFile[],
): ReadProcess {
  const argv = readWords(program.get('command') ?? '');
  const own = files.find(({path}) => path === file.path.replace(/\.conf$/, '.sh'));
  if (own && argv.length === 2 && argv[1]!.endsWith(`/${own.path}`))
    return readLauncher(own.path, own.content, setpriv);
  const env = readEnvironment(program.get('environment') ?? '');
  return {
    file: file.path,
    env,
    argv,
    cwd: program.get('directory'),
    user: program.get('user'),
    group: undefined,
  };
}

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  return files
    .filter(({path}) => path.endsWith('.conf'))
    .flatMap((file) =>
      [...readSections(file.path, file.content)]
        .filter(([name]) => name.startsWith('program:'))
        .map(([, program]) => readProgram(program, file, files)),
    );
}
