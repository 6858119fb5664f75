import {fileLimits} from '../launcher/limit-commands.ts';
import type {CompleteModel, CompleteProcess} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import {execArgument, execProgram} from './escape.ts';
import {knows} from './version-gates.ts';

/** `KEY=value` for a value that is set. */
function line(key: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`${key}=${value}`];
}

/** Whole percents: fractions of them only exist since systemd 247, and a quota of 0 would be refused. */
function percent(cpus: number | undefined): string | undefined {
  return cpus === undefined ? undefined : `${Math.max(1, Math.round(cpus * 100))}%`;
}

function fileLimit(nofile: CompleteProcess['limits']['nofile']): number | string | undefined {
  if (typeof nofile !== 'object') return nofile;
  const {soft, hard} = fileLimits(nofile);
  return `${soft}:${hard}`;
}

export function limitLines({of: {limits}}: PlannedProcess): string[] {
  return [
    ...line('MemoryMax', limits.memoryMax),
    ...line('MemoryHigh', limits.memoryHigh),
    ...line('MemorySwapMax', limits.swapMax),
    ...line('CPUQuota', percent(limits.cpuQuota)),
    ...line('CPUWeight', limits.cpuWeight),
    ...line('AllowedCPUs', limits.cpus),
    ...line('TasksMax', limits.tasksMax),
    ...line('IOWeight', limits.ioWeight),
    ...line('LimitNOFILE', fileLimit(limits.nofile)),
    ...line('LimitNPROC', limits.nproc),
    ...line('LimitCORE', limits.core),
    ...line('LimitAS', limits.as),
    ...line('LimitDATA', limits.data),
    ...line('LimitSTACK', limits.stack),
    ...line('LimitMEMLOCK', limits.memlock),
    ...line('LimitFSIZE', limits.fsize),
  ];
}

// Nothing that takes a directory away from the app: /tmp, /home and its own files stay where they are.
const BASIC = [
  'NoNewPrivileges=yes',
  'ProtectSystem=full',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectControlGroups=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
];

// A user's own manager has no right to change what is mounted.
const BASIC_OF_USER = ['NoNewPrivileges=yes', 'RestrictSUIDSGID=yes', 'LockPersonality=yes'];

// No MemoryDenyWriteExecute=: V8 compiles into memory that it then runs.
const STRICT = [
  ...BASIC.map((rule) => rule.replace('=full', '=strict')),
  'ProtectHome=read-only',
  'ProtectKernelLogs=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'SystemCallArchitectures=native',
  // A refused call is an error and not the end: V8 asks for memory protection keys, which are not among these.
  'SystemCallFilter=@system-service',
  'SystemCallErrorNumber=EPERM',
];

export function hardeningLines(model: CompleteModel, {of}: PlannedProcess): string[] {
  if (of.harden === 'none') return [];
  if (model.target.scope === 'user') return BASIC_OF_USER;
  return of.harden === 'basic' ? BASIC : [...STRICT, `ReadWritePaths=-${execProgram(model.root)}`];
}

function shellLine(key: string, line: string, privileged = ''): string {
  return `${key}=${privileged}${execProgram('/bin/sh')} ${['-c', line].map(execArgument).join(' ')}`;
}

/** Root alone writes into /run itself, and nobody else can lay a link there for it to follow; /run/APP is made for the app's user. */
function pidfileLines({name, target}: CompleteModel, pidfile: string): string[] {
  const below = target.scope === 'user' ? undefined : /^\/(?:var\/)?run\/(?:(.*)\/)?[^/]*$/.exec(pidfile);
  const rights = below && below[1] === undefined ? '+' : '';
  return [
    ...(below?.[1] === name ? [`RuntimeDirectory=${name}`, 'RuntimeDirectoryPreserve=yes'] : []),
    `ExecStartPost=${rights}/bin/sh -c "echo $$MAINPID >\\"$$0\\"" "${pidfile}"`,
  ];
}

function hookLines(model: CompleteModel, {of}: PlannedProcess, pidfile: string | undefined): string[] {
  const all = (key: string, lines: readonly string[] = []) => lines.map((one) => shellLine(key, one));
  const sysctl = model.target.scope === 'user' ? [] : Object.entries(model.sysctl);
  return [
    ...sysctl.map(
      ([name, value]) =>
        `ExecStartPre=+${execProgram('/sbin/sysctl')} -q -w ${execArgument(`${name}=${value}`)}`,
    ),
    ...all('ExecStartPre', of.hooks.preStart),
    ...(pidfile === undefined ? [] : pidfileLines(model, pidfile)),
    ...all('ExecStartPost', of.hooks.postStart),
    ...all('ExecStop', of.hooks.preStop),
    ...all('ExecStopPost', of.hooks.postStop),
    ...(of.reload === undefined ? [] : [`ExecReload=/bin/kill -s ${of.reload.slice(3)} $MAINPID`]),
  ];
}

function restartLines(model: CompleteModel, {of: {restart}}: PlannedProcess): string[] {
  const grows = restart.maxDelayMs !== undefined && knows(model.target.version, 'RestartMaxDelaySec');
  return [
    // 10 steps from the first delay to the longest.
    ...(grows ? ['RestartSteps=10', `RestartMaxDelaySec=${restart.maxDelayMs}ms`] : []),
    ...line('RestartPreventExitStatus', restart.preventExit?.join(' ')),
    ...line('SuccessExitStatus', restart.successExit?.join(' ')),
  ];
}

function logLines(
  {of: {logs}}: PlannedProcess,
  numbered: (pattern: string, where: string) => string,
): string[] {
  if (logs.output === 'null') return ['StandardOutput=null'];
  return typeof logs.output === 'object'
    ? [`StandardOutput=append:${numbered(logs.output.file, 'logs.output')}`]
    : [];
}

/** Directives of [Service] that not every service has. `numbered`: a path with the instance's number, as a unit has it. */
export function furtherLines(
  model: CompleteModel,
  one: PlannedProcess,
  numbered: (pattern: string, where: string) => string,
): string[] {
  const {of} = one;
  const notifies = of.start.ready === 'notify' || of.health?.kind === 'watchdog';
  const pidfile = of.pidfile === undefined ? undefined : execPath(numbered(of.pidfile, 'pidfile'));
  return [
    ...(one.supplementary.length > 0 ? [`SupplementaryGroups=${one.supplementary.join(' ')}`] : []),
    // Node notifies through systemd-notify(1), which is not the main process.
    ...(notifies ? ['NotifyAccess=all'] : []),
    ...line('WatchdogSec', of.health?.kind === 'watchdog' ? `${of.health.intervalMs}ms` : undefined),
    ...line('TimeoutStartSec', of.start.timeoutMs === undefined ? undefined : `${of.start.timeoutMs}ms`),
    ...restartLines(model, one),
    ...hookLines(model, one, pidfile),
    ...logLines(one, numbered),
    ...line('UMask', of.umask),
    ...line('Nice', of.nice),
    ...line('IOSchedulingClass', of.ioClass),
    ...line('OOMScoreAdjust', of.oomScoreAdjust),
    ...line('AmbientCapabilities', of.capabilities?.join(' ')),
  ];
}

// `numbered` has doubled `%` already; the rest of a word's quoting is left.
function execPath(path: string): string {
  return path.replace(/[\\"]/g, '\\$&').replaceAll('$', '$$$$');
}

/** Directives of [Unit] that order services. */
export function orderLines({of: {deps}}: PlannedProcess): string[] {
  const after = [...(deps.requires ?? []), ...(deps.wants ?? []), ...(deps.after ?? [])].map(unitName);
  return [
    ...line('Requires', deps.requires?.map(unitName).join(' ')),
    ...line('Wants', deps.wants?.map(unitName).join(' ')),
    ...(after.length > 0 ? [`After=${after.join(' ')}`] : []),
    ...(deps.network === 'online' ? ['Wants=network-online.target', 'After=network-online.target'] : []),
  ];
}

function unitName(name: string): string {
  return /\.(service|target|socket|mount|path|timer|device|slice)$/.test(name) ? name : `${name}.service`;
}
