import {join} from 'node:path/posix';

import type {Capabilities} from '../capability-report.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {loadTemplates} from '../load-templates.ts';
import {
  environmentAssignment,
  environmentFileLine,
  execArgument,
  execProgram,
  plainValue,
} from '../systemd/escape.ts';

export {readUnits as readFiles} from '../systemd/read-units.ts';

// Nothing that takes a directory away from the app: /tmp, /home and its own files stay where they are.
const BASIC_HARDENING = [
  'NoNewPrivileges=yes',
  'ProtectSystem=full',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectControlGroups=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
];

export const CAPABILITIES: Capabilities = {
  schema: {status: 'native', by: 'the version of the model'},
  name: {status: 'native', by: 'names of the units'},
  description: {status: 'native', by: 'Description='},
  root: {status: 'native', by: 'WorkingDirectory='},
  'user.name': {status: 'native', by: 'User='},
  'user.group': {status: 'native', by: 'Group='},
  unitDir: {status: 'native', by: 'EnvironmentFile='},
  path: {status: 'native', by: 'Environment=PATH=…'},
  programs: {status: 'native', by: 'ExecStart='},
  envStorage: {status: 'native', by: 'EnvironmentFile= or Environment='},
  'processes.name': {status: 'native', by: 'names of the units'},
  'processes.command': {status: 'native', by: 'ExecStart='},
  'processes.instances': {status: 'native', by: 'one service an instance'},
  'processes.cwd': {status: 'native', by: 'WorkingDirectory='},
  'processes.env': {status: 'native', by: 'EnvironmentFile= or Environment='},
  'processes.envFiles': {status: 'native', by: 'EnvironmentFile='},
  'processes.port': {status: 'native', by: 'a variable of each instance'},
  'processes.limits.memoryMax': {status: 'native', by: 'MemoryMax='},
  'processes.limits.cpuQuota': {status: 'native', by: 'CPUQuota='},
  'processes.limits.nofile': {status: 'native', by: 'LimitNOFILE='},
  'processes.restart.policy': {status: 'native', by: 'Restart='},
  'processes.restart.delayMs': {status: 'native', by: 'RestartSec='},
  'processes.restart.limit': {status: 'native', by: 'StartLimitIntervalSec= and StartLimitBurst='},
  'processes.stop.signal': {status: 'native', by: 'KillSignal='},
  'processes.stop.timeoutMs': {status: 'native', by: 'TimeoutStopSec='},
  'processes.logs.tag': {status: 'native', by: 'SyslogIdentifier='},
  'processes.harden': {status: 'native', by: 'NoNewPrivileges=, ProtectSystem= and others'},
};

export const checker = {
  program: 'systemd-analyze',
  argv: (files: readonly string[]) => [
    'verify',
    '--man=no',
    ...files.filter((file) => /\.(service|target)$/.test(file)),
  ],
};

const unitName = (app: string, {of, index}: PlannedProcess) => `${app}-${of.name}-${index}`;

/** Files decide over `Environment=`; so where others' files are read, everything of ours goes into one that comes after them. */
function ownFile(model: CompleteModel, {of}: PlannedProcess): boolean {
  return model.envStorage === 'file' || of.envFiles.length > 0;
}

function limitLines({limits}: PlannedProcess['of']): string[] {
  const {memoryMax, cpuQuota, nofile} = limits;
  return [
    ...(memoryMax === undefined ? [] : [`MemoryMax=${memoryMax}`]),
    // Whole percents: fractions of them only exist since systemd 247, and a quota of 0 would be refused.
    ...(cpuQuota === undefined ? [] : [`CPUQuota=${Math.max(1, Math.round(cpuQuota * 100))}%`]),
    ...(nofile === undefined ? [] : [`LimitNOFILE=${nofile}`]),
  ];
}

function serviceView(model: CompleteModel, one: PlannedProcess): object {
  const {of, env, argv, cwd, user, group} = one;
  const unit = unitName(model.name, one);
  const inFile = ownFile(model, one);
  const inline = {PATH: one.defaultPath, ...(inFile ? {} : env)};
  const [program = '', ...args] = argv;
  const {limit} = of.restart;
  const told = model.description === undefined ? '' : ` (${model.description})`;
  return {
    marker: markerLine({app: model.name, format: 'systemd'}),
    description: plainValue(`${model.name} ${one.name}${told}`, 'description'),
    target: `${model.name}.target`,
    // Without a limit of ours systemd's own would be: after 5 starts in 10 s it never starts the service again.
    startLimit: {interval: limit ? `${limit.withinMs}ms` : '0', count: limit?.count ?? null},
    user: user ?? null,
    group: group ?? null,
    workingDirectory: plainValue(cwd, 'cwd'),
    environment: Object.entries(inline).map(([name, value]) => environmentAssignment(name, value)),
    environmentFiles: [
      ...of.envFiles.map((file) => (file.optional ? '-' : '') + plainValue(file.path, 'envFiles')),
      ...(inFile ? [plainValue(join(model.unitDir, `${unit}.env`), 'unitDir')] : []),
    ],
    // `$` cannot stand in the program's own path; env(1) takes it as an argument.
    execStart: program.includes('$')
      ? [execProgram('/usr/bin/env'), ...argv.map(execArgument)].join(' ')
      : [execProgram(program), ...args.map(execArgument)].join(' '),
    restart: {policy: of.restart.policy, delay: `${of.restart.delayMs}ms`},
    // A shell that stays passes no signal on; only the whole group reaches the program below it.
    killMode: one.form === 'shell' ? 'control-group' : 'mixed',
    stop: {signal: of.stop.signal, timeout: `${of.stop.timeoutMs}ms`},
    tag: of.logs.tag ?? unit,
    limits: limitLines(of),
    hardening: of.harden === 'basic' ? BASIC_HARDENING : [],
  };
}

function environmentFile(model: CompleteModel, one: PlannedProcess): UnitFile[] {
  if (!ownFile(model, one)) return [];
  const lines = Object.entries(one.env).map(([name, value]) => environmentFileLine(name, value));
  const content = [markerLine({app: model.name, format: 'systemd'}), ...lines, ''].join('\n');
  return [{path: `${unitName(model.name, one)}.env`, content, mode: 0o600}];
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
): Promise<UnitFile[]> {
  const templates = await loadTemplates('systemd', ['target', 'service']);
  const services = planned.map((one) => ({
    path: `${unitName(model.name, one)}.service`,
    content: templates.service(serviceView(model, one)),
    // Others may read units (systemctl cat), but values that are written into them are nobody's business.
    mode: model.envStorage === 'file' ? 0o644 : 0o600,
  }));
  const target = templates.target({
    marker: markerLine({app: model.name, format: 'systemd'}),
    description: plainValue(model.description ?? model.name, 'description'),
    services: services.map(({path}) => path),
  });
  // What is referred to comes first: whoever is interrupted between two files leaves no unit that points to nothing.
  return [
    ...planned.flatMap((one) => environmentFile(model, one)),
    ...services,
    {path: `${model.name}.target`, content: target, mode: 0o644},
  ];
}
