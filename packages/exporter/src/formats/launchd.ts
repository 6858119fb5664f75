import {join} from 'node:path/posix';

import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {chroot} from '../launcher/drop.ts';
import {fileLimits} from '../launcher/limit-commands.ts';
import {readLauncher} from '../launcher/read.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {xmlMarker} from '../marker.ts';
import type {CompleteModel, CompleteProcess} from '../model-schema.ts';
import {logDirectory, logPath, type PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import type {Amount} from '../service-rules.ts';
import {xmlHolds} from '../xml/escape.ts';
import {plistLines, type PlistValue, readPlist} from '../xml/plist.ts';
import {
  approximate,
  capabilitiesOf,
  emulated,
  launcher,
  LAUNCHED,
  native,
  unsupported,
} from './capabilities.ts';
import {launcherFile, launcherPath} from './launcher-file.ts';
import type {Checker, Manager} from './unit-format.ts';

export const DIRECTORY = '/Library/LaunchDaemons';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  LAUNCHED,
  native({
    root: 'WorkingDirectory',
    'user.name': 'UserName',
    'user.group': 'GroupName',
    unitDir: 'ProgramArguments, where a launcher is needed',
    logDir: 'StandardOutPath',
    path: 'EnvironmentVariables',
    envStorage: 'mode of the file',
    'processes.command': 'ProgramArguments',
    'processes.instances': 'one job an instance',
    'processes.cwd': 'WorkingDirectory',
    'processes.env': 'EnvironmentVariables; a launcher for values that XML cannot hold',
    'processes.limits.nofile': 'NumberOfFiles',
    'processes.limits.nproc': 'NumberOfProcesses',
    'processes.limits.core': 'Core',
    'processes.limits.data': 'Data',
    'processes.limits.stack': 'Stack',
    'processes.limits.memlock': 'MemoryLock',
    'processes.limits.fsize': 'FileSize',
    'processes.restart.policy': 'KeepAlive',
    'processes.restart.delayMs': 'ThrottleInterval, whole seconds',
    'processes.stop.timeoutMs': 'ExitTimeOut, whole seconds',
    'processes.reload': 'launchctl kill (no directive)',
    'processes.logs.output': 'StandardOutPath and StandardErrorPath',
    'processes.umask': 'Umask',
    'processes.nice': 'Nice',
    'processes.boot': 'RunAtLoad',
  }),
  launcher({'user.supplementary': 'chroot -G'}),
  approximate({
    'processes.envFiles': 'a launcher reads them as /bin/sh does: $ and ` expand outside of single quotes',
    'processes.ioClass': 'LowPriorityIO for best-effort and idle',
    'processes.stop.scope': 'launchd ends what is left of the group when the job has ended',
  }),
  emulated({'processes.pidfile': 'a launcher writes it'}),
  unsupported({
    'processes.limits.as': 'macOS refuses it',
    'processes.oomScoreAdjust': 'macOS has none',
    'processes.stop.signal': 'always SIGTERM',
  }),
);

export const capabilityOf: CapabilityOf = (field, _, process) => {
  if (field === 'processes.ioClass' && process?.ioClass === 'realtime')
    return {status: 'unsupported', by: 'nothing is above the default'};
  return field === 'processes.boot' && process?.boot === false && process.restart.policy !== 'no'
    ? {status: 'unsupported', by: 'KeepAlive starts it when it is loaded'}
    : undefined;
};

export const checker: Checker = {
  program: 'plutil',
  argv: (files) => ['-lint', '-s', ...files.filter((file) => file.endsWith('.plist'))],
};

const label = (file: string) => file.replace(/\.plist$/, '');

export const manager: Manager = {
  enable: ({files, directory, scope}) =>
    files
      .filter((file) => file.endsWith('.plist'))
      .map((file) => ({
        run: ['launchctl', 'bootstrap', domain(scope), join(directory, file)],
        undo: ['launchctl', 'bootout', `${domain(scope)}/${label(file)}`],
      })),
  disable: ({files, scope}) =>
    files
      .filter((file) => file.endsWith('.plist'))
      .map((file) => ({run: ['launchctl', 'bootout', `${domain(scope)}/${label(file)}`]})),
};

function domain(scope: 'system' | 'user'): string {
  return scope === 'system' ? 'system' : `gui/${process.getuid?.() ?? 501}`;
}

/** RLIM_INFINITY is none: what is not in the dictionary is not limited by it. */
function finite(limits: Readonly<Record<string, Amount | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(limits).flatMap(([name, amount]) =>
      amount === undefined || amount === 'infinity' ? [] : [[name, amount]],
    ),
  );
}

function resourceLimits({limits}: CompleteProcess, side: 'soft' | 'hard'): Record<string, number> {
  return finite({
    NumberOfFiles: limits.nofile === undefined ? undefined : fileLimits(limits.nofile)[side],
    NumberOfProcesses: limits.nproc,
    Core: limits.core,
    Data: limits.data,
    Stack: limits.stack,
    MemoryLock: limits.memlock,
    FileSize: limits.fsize,
  });
}

function needsLauncher(model: CompleteModel, one: PlannedProcess): boolean {
  const {of} = one;
  const texts = [...Object.values(one.env), ...one.argv, one.cwd, one.defaultPath];
  return (
    !texts.every(xmlHolds) ||
    of.envFiles.length > 0 ||
    one.pidfile !== undefined ||
    one.supplementary.length > 0 ||
    of.hooks.preStart !== undefined
  );
}

function keepAlive(policy: CompleteProcess['restart']['policy']): PlistValue {
  return policy === 'on-failure' ? {SuccessfulExit: false} : policy === 'always';
}

const logOf = (model: CompleteModel, {logFile, id}: PlannedProcess) => logFile ?? logPath(model, `${id}.log`);

export function logDirectories(model: CompleteModel, planned: readonly PlannedProcess[]): string[] {
  // Nobody but root may make the usual one.
  if (model.target.scope === 'user') return [];
  return planned.flatMap((one) => logDirectory(logOf(model, one)));
}

/** Keys of launchd.plist(5). */
function job(model: CompleteModel, one: PlannedProcess, launched: boolean): PlistValue {
  const {of, user, group} = one;
  const soft = resourceLimits(of, 'soft');
  const log = logOf(model, one);
  return {
    Label: one.id,
    ...(launched
      ? {ProgramArguments: ['/bin/sh', launcherPath(model, one)]}
      : {
          ProgramArguments: one.argv,
          EnvironmentVariables: {PATH: one.defaultPath, ...one.env},
          WorkingDirectory: one.cwd,
          ...(user === undefined ? {} : {UserName: user, InitGroups: true}),
          ...(group === undefined ? {} : {GroupName: group}),
        }),
    KeepAlive: keepAlive(of.restart.policy),
    RunAtLoad: of.boot || of.restart.policy !== 'no',
    ThrottleInterval: Math.max(1, Math.ceil(of.restart.delayMs / 1000)),
    ExitTimeOut: Math.max(1, Math.ceil(of.stop.timeoutMs / 1000)),
    ...(one.stopScope === 'main' ? {AbandonProcessGroup: false} : {}),
    StandardOutPath: log,
    StandardErrorPath: log,
    ...(of.umask === undefined || launched ? {} : {Umask: parseInt(of.umask, 8)}),
    ...(of.nice === undefined || launched ? {} : {Nice: of.nice}),
    ...(of.ioClass === undefined || of.ioClass === 'realtime' ? {} : {LowPriorityIO: true}),
    ...(Object.keys(soft).length > 0
      ? {SoftResourceLimits: soft, HardResourceLimits: resourceLimits(of, 'hard')}
      : {}),
  };
}

/** What the job itself says, and what macOS has no programs for: neither is for the launcher. */
function ofLauncher(one: PlannedProcess): PlannedProcess {
  return {...one, of: {...one.of, limits: {}, ioClass: undefined, oomScoreAdjust: undefined}};
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('launchd', ['job'], options);
  const marker = xmlMarker({app: model.name, format: 'launchd'});
  return planned.flatMap((one) => {
    const launched = needsLauncher(model, one);
    const content = templates.job({marker, lines: plistLines(job(model, one, launched))});
    return [
      ...(launched
        ? [launcherFile({...model, sysctl: {}}, ofLauncher(one), {format: 'launchd', dropper: chroot})]
        : []),
      {path: `${one.id}.plist`, content, mode: model.envStorage === 'file' ? 0o600 : 0o644},
    ];
  });
}

interface Job {
  readonly ProgramArguments: readonly string[];
  readonly EnvironmentVariables?: Readonly<Record<string, string>>;
  readonly WorkingDirectory?: string;
  readonly UserName?: string;
  readonly GroupName?: string;
}

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  return files
    .filter(({path}) => path.endsWith('.plist'))
    .map(({path, content}) => {
      const read = readPlist(path, content) as unknown as Job;
      const own = files.find((file) => file.path === `${label(path)}.sh`);
      if (own && read.ProgramArguments[1]?.endsWith(`/${own.path}`))
        return readLauncher(own.path, own.content, chroot);
      return {
        file: path,
        env: read.EnvironmentVariables ?? {},
        argv: read.ProgramArguments,
        cwd: read.WorkingDirectory,
        user: read.UserName,
        group: read.GroupName,
      };
    });
}
