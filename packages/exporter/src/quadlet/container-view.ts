import {join} from 'node:path/posix';

import {fileLimits} from '../launcher/limit-commands.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {Amount} from '../service-rules.ts';
import {execArgument, plainValue} from '../systemd/escape.ts';
import {orderLines} from '../systemd/service-lines.ts';
import {podmanVariables} from './variables.ts';

const unlimited = (amount: Amount) => (amount === 'infinity' ? '-1' : String(amount));
const ULIMITS = ['nproc', 'core', 'data', 'stack', 'memlock', 'fsize'] as const;

/** A word of podman's own: what has a directive since Podman 4.4 gets that, all else goes this way. */
function flag(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`PodmanArgs=${execArgument(`--${name}=${value}`)}`];
}

function limitLines({of: {limits}}: PlannedProcess): string[] {
  const {memoryMax, memoryHigh, swapMax, cpuQuota, cpuWeight, cpus, tasksMax, nofile} = limits;
  const files = nofile === undefined ? undefined : fileLimits(nofile);
  return [
    ...flag('memory', memoryMax),
    ...flag('memory-reservation', memoryHigh),
    ...flag(
      'memory-swap',
      memoryMax === undefined || swapMax === undefined ? undefined : memoryMax + swapMax,
    ),
    ...flag('cpus', cpuQuota),
    ...flag('cpu-shares', cpuWeight === undefined ? undefined : Math.max(2, Math.round(cpuWeight * 10.24))),
    ...flag('cpuset-cpus', cpus),
    ...flag('pids-limit', tasksMax),
    ...(files ? flag('ulimit', `nofile=${unlimited(files.soft)}:${unlimited(files.hard)}`) : []),
    ...ULIMITS.flatMap((name) => {
      const amount = limits[name];
      return amount === undefined ? [] : flag('ulimit', `${name}=${unlimited(amount)}`);
    }),
  ];
}

function healthLines({of: {health}, port}: PlannedProcess): string[] {
  if (!health || health.kind === 'watchdog') return [];
  const url = JSON.stringify(`http://127.0.0.1:${port ?? 80}${health.path}`);
  const command =
    health.kind === 'exec'
      ? ['/bin/sh', '-c', health.command ?? ':']
      : ['node', '-e', `fetch(${url}).then((answer) => {process.exitCode = answer.ok ? 0 : 1})`];
  return [
    ...flag('health-cmd', JSON.stringify(command)),
    ...flag('health-interval', `${health.intervalMs}ms`),
    ...flag('health-timeout', `${Math.max(1000, health.timeoutMs)}ms`),
    ...flag('health-retries', health.retries),
    ...flag('health-on-failure', 'kill'),
  ];
}

function logLines({of: {logs}}: PlannedProcess): string[] {
  const driver = logs.output === 'null' ? 'none' : logs.rotate ? 'k8s-file' : 'journald';
  return [
    `LogDriver=${driver}`,
    ...(logs.tag === undefined ? [] : flag('log-opt', `tag=${logs.tag}`)),
    ...(driver === 'k8s-file' ? flag('log-opt', `max-size=${logs.rotate?.maxBytes}`) : []),
  ];
}

function rights(model: CompleteModel, {of, user, group, supplementary}: PlannedProcess): string[] {
  const strict = of.harden === 'strict';
  return [
    ...(user === undefined ? [] : [`User=${user}`]),
    ...(group === undefined ? [] : [`Group=${group}`]),
    ...supplementary.flatMap((name) => flag('group-add', name)),
    ...(of.harden === 'none' ? [] : ['NoNewPrivileges=true']),
    ...(strict ? ['DropCapability=all', 'ReadOnly=true', ...flag('tmpfs', '/tmp')] : []),
    ...(of.capabilities ?? []).map((name) => `AddCapability=${name}`),
    ...Object.entries(model.sysctl).flatMap(([name, value]) => flag('sysctl', `${name}=${value}`)),
  ];
}

/** Lines of [Container] that not every container has. */
function containerLines(model: CompleteModel, one: PlannedProcess, pod: boolean): string[] {
  const {of, port} = one;
  return [
    ...rights(model, one),
    ...(pod ? [`Pod=${model.name}.pod`] : port === undefined ? [] : [`PublishPort=${port}:${port}`]),
    ...(of.start.ready === 'notify' ? ['Notify=true'] : []),
    ...limitLines(one),
    ...healthLines(one),
    ...logLines(one),
    ...flag('stop-signal', of.stop.signal),
    ...flag('stop-timeout', Math.max(1, Math.ceil(of.stop.timeoutMs / 1000))),
    ...flag('umask', of.umask === undefined ? undefined : of.umask.padStart(4, '0')),
    ...flag('oom-score-adj', of.oomScoreAdjust),
    ...flag('pidfile', one.pidfile),
    ...(of.extra['quadlet'] ?? []),
  ];
}

/** Lines of [Service], which systemd itself reads. */
function serviceLines({of, id}: PlannedProcess, environmentFile: string | undefined): string[] {
  const {restart, start, stop, reload} = of;
  return [
    ...(environmentFile === undefined ? [] : [`EnvironmentFile=${environmentFile}`]),
    `Restart=${restart.policy}`,
    `RestartSec=${restart.delayMs}ms`,
    ...(restart.preventExit ? [`RestartPreventExitStatus=${restart.preventExit.join(' ')}`] : []),
    ...(restart.successExit ? [`SuccessExitStatus=${restart.successExit.join(' ')}`] : []),
    ...(start.timeoutMs === undefined ? [] : [`TimeoutStartSec=${start.timeoutMs}ms`]),
    // Podman kills at the end of its own time.
    `TimeoutStopSec=${stop.timeoutMs + 5000}ms`,
    ...(reload === undefined ? [] : [`ExecReload=/usr/bin/podman kill --signal ${reload.slice(3)} ${id}`]),
  ];
}

/** What the template of a container is filled with. */
export function containerView(model: CompleteModel, one: PlannedProcess, pod: boolean): object {
  const {of, id} = one;
  const {limit} = of.restart;
  const told = of.description ?? model.description;
  const {inline, passed} = podmanVariables(model, one);
  return {
    marker: markerLine({app: model.name, format: 'quadlet'}),
    description: `${model.name} ${one.name}${told === undefined ? '' : ` (${plainValue(told, 'description')})`}`,
    order: orderLines(one),
    startLimit: [
      `StartLimitIntervalSec=${limit ? `${limit.withinMs}ms` : '0'}`,
      ...(limit ? [`StartLimitBurst=${limit.count}`] : []),
    ],
    image: model.image ?? '',
    id,
    workingDir: plainValue(one.cwd, 'cwd').replaceAll('$', '$$$$'),
    // Not Exec=: Quadlet 5.4 loses words that are empty, and leaves a lone ; bare, where systemd ends the command.
    entrypoint: execArgument(`--entrypoint=${JSON.stringify(one.argv)}`),
    environment: Object.entries(inline).map(([name, value]) => execArgument(`${name}=${value}`)),
    environmentFiles: of.envFiles.map(({path}) => plainValue(path, 'envFiles').replaceAll('$', '$$$$')),
    passed,
    lines: containerLines(model, one, pod),
    service: serviceLines(
      one,
      passed.length === 0 ? undefined : plainValue(join(model.unitDir, `${id}.env`), 'unitDir'),
    ),
    boot: of.boot,
  };
}
