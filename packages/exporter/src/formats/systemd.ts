import {join} from 'node:path/posix';

import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import {logDirectory, type PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {plainValue} from '../systemd/escape.ts';
import {
  environmentFile,
  instanceName,
  ownFile,
  serviceName,
  serviceView,
  socketView,
} from '../systemd/service-view.ts';
import {knows} from '../systemd/version-gates.ts';
import {capabilitiesOf, emulated, native, unsupported} from './capabilities.ts';
import type {Checker, Manager} from './unit-format.ts';

export {planFor} from '../systemd/plan.ts';
export {readUnits as readFiles} from '../systemd/read-units.ts';

export const DIRECTORY = '/etc/systemd/system';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  native({
    description: 'Description=',
    root: 'WorkingDirectory=',
    'user.name': 'User=',
    'user.group': 'Group=',
    'user.supplementary': 'SupplementaryGroups=',
    unitDir: 'EnvironmentFile=',
    path: 'Environment=PATH=…',
    envStorage: 'EnvironmentFile= or Environment=',
    'target.version': 'directives that it knows',
    'target.scope': 'WantedBy=default.target',
    'target.units': 'template units: NAME@.service',
    'processes.description': 'Description=',
    'processes.command': 'ExecStart=',
    'processes.instances': 'one service an instance',
    'processes.cwd': 'WorkingDirectory=',
    'processes.env': 'EnvironmentFile= or Environment=',
    'processes.envFiles': 'EnvironmentFile=',
    'processes.limits.memoryMax': 'MemoryMax=',
    'processes.limits.memoryHigh': 'MemoryHigh=',
    'processes.limits.swapMax': 'MemorySwapMax=',
    'processes.limits.cpuQuota': 'CPUQuota=',
    'processes.limits.cpuWeight': 'CPUWeight=',
    'processes.limits.cpus': 'AllowedCPUs=',
    'processes.limits.tasksMax': 'TasksMax=',
    'processes.limits.ioWeight': 'IOWeight=',
    'processes.limits.nofile': 'LimitNOFILE=',
    'processes.limits.nproc': 'LimitNPROC=',
    'processes.limits.core': 'LimitCORE=',
    'processes.limits.as': 'LimitAS=',
    'processes.limits.data': 'LimitDATA=',
    'processes.limits.stack': 'LimitSTACK=',
    'processes.limits.memlock': 'LimitMEMLOCK=',
    'processes.limits.fsize': 'LimitFSIZE=',
    'processes.restart.policy': 'Restart=',
    'processes.restart.delayMs': 'RestartSec=',
    'processes.restart.maxDelayMs': 'RestartMaxDelaySec= and RestartSteps=',
    'processes.restart.limit': 'StartLimitIntervalSec= and StartLimitBurst=',
    'processes.restart.preventExit': 'RestartPreventExitStatus=',
    'processes.restart.successExit': 'SuccessExitStatus=',
    'processes.start.ready': 'Type=notify',
    'processes.start.timeoutMs': 'TimeoutStartSec=',
    'processes.stop.signal': 'KillSignal=',
    'processes.stop.timeoutMs': 'TimeoutStopSec=',
    'processes.stop.scope': 'KillMode=',
    'processes.reload': 'ExecReload=',
    'processes.health': 'WatchdogSec=',
    'processes.hooks.preStart': 'ExecStartPre=',
    'processes.hooks.postStart': 'ExecStartPost=',
    'processes.hooks.preStop': 'ExecStop=',
    'processes.hooks.postStop': 'ExecStopPost=',
    'processes.logs.tag': 'SyslogIdentifier=',
    'processes.logs.output': 'StandardOutput=',
    'processes.umask': 'UMask=',
    'processes.nice': 'Nice=',
    'processes.ioClass': 'IOSchedulingClass=',
    'processes.oomScoreAdjust': 'OOMScoreAdjust=',
    'processes.sockets': 'a .socket unit',
    'processes.capabilities': 'AmbientCapabilities=',
    'processes.harden': 'NoNewPrivileges=, ProtectSystem= and others',
    'processes.deps.requires': 'Requires= and After=',
    'processes.deps.wants': 'Wants= and After=',
    'processes.deps.after': 'After=',
    'processes.deps.network': 'After=network.target or network-online.target',
    'processes.boot': 'Wants= of the target',
    'processes.extra': 'as it is, in [Service]',
  }),
  emulated({
    sysctl: 'ExecStartPre=+sysctl -w',
    'processes.pidfile': 'ExecStartPost= writes it',
  }),
  unsupported({'processes.logs.rotate': 'the journal rotates itself; files need logrotate'}),
);

const OF_USER = {status: 'unsupported', by: "a user's own manager cannot change it"} as const;

export const capabilityOf: CapabilityOf = (field, {target}, process) => {
  if (field === 'processes.restart.maxDelayMs' && !knows(target.version, 'RestartMaxDelaySec'))
    return {status: 'unsupported', by: 'needs systemd 254: say target.version'};
  if (field === 'processes.health' && process?.health?.kind !== 'watchdog')
    return {status: 'unsupported', by: 'systemd asks nobody: kind watchdog is told'};
  const users = field.startsWith('user.') || field === 'sysctl';
  return users && target.scope === 'user' ? OF_USER : undefined;
};

export const checker: Checker = {
  program: 'systemd-analyze',
  argv: (files) => ['verify', '--man=no', ...files.filter((file) => /\.(service|target|socket)$/.test(file))],
  // Of `nobody`, who runs all the same (systemd.exec(5) says why it had better not).
  advice: /: Special user \S+ configured, this is not safe!$/,
};

// systemd.unit(5), "Unit File Load Path".
const SEARCHED = {
  system: [
    DIRECTORY,
    '/run/systemd/system',
    '/usr/local/lib/systemd/system',
    '/usr/lib/systemd/system',
    '/lib/systemd/system',
  ],
  user: ['/etc/systemd/user', '/run/systemd/user', '/usr/local/lib/systemd/user', '/usr/lib/systemd/user'],
};

const systemctl = (scope: string) => (scope === 'user' ? ['systemctl', '--user'] : ['systemctl']);

/** What systemd may run of files: of a template, the instances that have a file of variables, or any. */
function unitsOf(files: readonly string[]): string[] {
  const units = files.map((file) =>
    file.replace(/@\.(service|socket)$/, '@*.$1').replace(/\.env$/, '.service'),
  );
  return [...new Set(units.filter((unit) => /\.(service|socket)$/.test(unit)))];
}

export const manager: Manager = {
  enable: ({app, scope}) => [
    {run: [...systemctl(scope), 'daemon-reload']},
    {
      run: [...systemctl(scope), 'enable', `${app}.target`],
      undo: [...systemctl(scope), 'disable', `${app}.target`],
    },
  ],
  disable: ({app, files, scope}) => [
    {run: [...systemctl(scope), 'disable', '--now', `${app}.target`]},
    {run: [...systemctl(scope), 'stop', ...unitsOf(files), `${app}.target`]},
  ],
  stop: ({files, scope}) => [{run: [...systemctl(scope), 'stop', ...unitsOf(files)]}],
  // What `systemctl enable` does, where there may be no systemctl.
  inImage: {
    into: ({directory, scope}) =>
      scope === 'user' || !SEARCHED.system.includes(directory)
        ? []
        : [join(DIRECTORY, 'multi-user.target.wants')],
    links: ({app, directory}) => ({[`${app}.target`]: join(directory, `${app}.target`)}),
  },
  alsoSearched: (scope) => SEARCHED[scope],
  // A unit that has failed is remembered, also without its file.
  forget: ({files, scope}) => [
    {run: [...systemctl(scope), 'daemon-reload']},
    {run: [...systemctl(scope), 'reset-failed', ...unitsOf(files)]},
  ],
};

export function logDirectories(_: CompleteModel, planned: readonly PlannedProcess[]): string[] {
  return planned.flatMap(({logFile}) => logDirectory(logFile));
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('systemd', ['target', 'service', 'socket'], options);
  // Of a template unit, one for all instances.
  const units = new Map(planned.map((one) => [serviceName(model, one).unit, one]));
  // Others may read units (systemctl cat), but values that are written into them are nobody's business.
  const mode = model.envStorage === 'file' ? 0o644 : 0o600;
  const services = [...units].map(([unit, one]) => ({
    path: `${unit}.service`,
    content: templates.service(serviceView(model, one)),
    mode,
  }));
  const sockets = [...units]
    .filter(([, {of}]) => of.sockets)
    .map(([unit, one]) => ({
      path: `${unit}.socket`,
      content: templates.socket(socketView(model, one)),
      mode: 0o644,
    }));
  const target = templates.target({
    marker: markerLine({app: model.name, format: 'systemd'}),
    description: plainValue(model.description ?? model.name, 'description'),
    services: planned
      .filter(({of}) => of.boot)
      .flatMap((one) => {
        const name = instanceName(model, one);
        return one.of.sockets ? [`${name}.service`, `${name}.socket`] : [`${name}.service`];
      }),
    wantedBy: model.target.scope === 'user' ? 'default.target' : 'multi-user.target',
  });
  // What is referred to comes first: whoever is interrupted between two files leaves no unit that points to nothing.
  return [
    ...planned
      .filter((one) => ownFile(model, one))
      .map((one) => ({
        path: `${instanceName(model, one)}.env`,
        content: environmentFile(model, one),
        mode: 0o600,
      })),
    ...services,
    ...sockets,
    {path: `${model.name}.target`, content: target, mode: 0o644},
  ];
}
