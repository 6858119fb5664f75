import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import {containerView} from '../quadlet/container-view.ts';
import {podmanVariables} from '../quadlet/variables.ts';
import type {UnitFile} from '../render-units.ts';
import {environmentFileLine} from '../systemd/escape.ts';
import {approximate, capabilitiesOf, emulated, native, unsupported} from './capabilities.ts';
import {requireImage} from './require-image.ts';
import type {Manager} from './unit-format.ts';

export {readContainers as readFiles} from '../quadlet/read.ts';

export const DIRECTORY = '/etc/containers/systemd';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  native({
    description: 'Description=',
    root: 'WorkingDir=',
    'user.name': 'User=',
    'user.group': 'Group=',
    'user.supplementary': '--group-add',
    unitDir: 'EnvironmentFile= of [Service]',
    path: 'Environment=PATH=…',
    envStorage: 'EnvironmentFile= of [Service] and --env, or Environment=',
    image: 'Image=',
    sysctl: '--sysctl',
    'target.version': 'version of Podman: from 5 on, a .pod for the app',
    'processes.description': 'Description=',
    'processes.command': '--entrypoint',
    'processes.instances': 'one container an instance',
    'processes.cwd': 'WorkingDir=',
    'processes.env': 'EnvironmentFile= of [Service] and --env, or Environment=',
    'processes.port': 'PublishPort= and a variable of each instance',
    'processes.limits.memoryMax': '--memory',
    'processes.limits.swapMax': '--memory-swap, with --memory',
    'processes.limits.cpuQuota': '--cpus',
    'processes.limits.cpus': '--cpuset-cpus',
    'processes.limits.tasksMax': '--pids-limit',
    'processes.limits.nofile': '--ulimit nofile',
    'processes.limits.nproc': '--ulimit nproc',
    'processes.limits.core': '--ulimit core',
    'processes.limits.data': '--ulimit data',
    'processes.limits.stack': '--ulimit stack',
    'processes.limits.memlock': '--ulimit memlock',
    'processes.limits.fsize': '--ulimit fsize',
    'processes.restart.policy': 'Restart=',
    'processes.restart.delayMs': 'RestartSec=',
    'processes.restart.limit': 'StartLimitIntervalSec= and StartLimitBurst=',
    'processes.restart.preventExit': 'RestartPreventExitStatus=',
    'processes.restart.successExit': 'SuccessExitStatus=',
    'processes.start.ready': 'Notify=',
    'processes.start.timeoutMs': 'TimeoutStartSec=',
    'processes.stop.signal': '--stop-signal',
    'processes.stop.timeoutMs': '--stop-timeout, whole seconds',
    'processes.reload': 'ExecReload= with podman kill',
    'processes.health': '--health-cmd; what fails is killed, and started again',
    'processes.pidfile': '--pidfile',
    'processes.umask': '--umask',
    'processes.oomScoreAdjust': '--oom-score-adj',
    'processes.capabilities': 'AddCapability=',
    'processes.harden': 'NoNewPrivileges=; strict: DropCapability=, ReadOnly=',
    'processes.deps.requires': 'Requires= and After=',
    'processes.deps.wants': 'Wants= and After=',
    'processes.deps.after': 'After=',
    'processes.deps.network': 'After=network-online.target',
    'processes.boot': 'WantedBy=',
    'processes.extra': 'as it is, in [Container]',
  }),
  approximate({
    'processes.limits.cpuWeight': '--cpu-shares: 1024 is the share of any other',
    'processes.limits.memoryHigh': '--memory-reservation',
    'processes.envFiles': 'EnvironmentFile=, read by the rules of podman; none may be missing',
    'processes.logs.rotate': 'LogDriver=k8s-file and max-size: one file',
  }),
  emulated({
    'processes.logs.output': 'LogDriver=none',
    'processes.logs.tag': 'CONTAINER_TAG of the journal',
  }),
  unsupported({
    'processes.limits.as': 'engines of containers know no such limit',
    'target.units': 'each container is a file of its own',
    'target.scope': "a user's own files lie in ~/.config/containers/systemd: --out",
    'processes.stop.scope': 'the first process of a container gets the signal, all end with it',
    'processes.hooks.preStart': 'it would run outside of the container',
    'processes.hooks.postStart': 'it would run outside of the container',
    'processes.hooks.preStop': 'it would run outside of the container',
    'processes.hooks.postStop': 'it would run outside of the container',
  }),
);

const POD_SINCE = 5;
const hasPod = ({target}: CompleteModel) => (target.version ?? 0) >= POD_SINCE;

export const capabilityOf: CapabilityOf = (field, _, process) => {
  if (field === 'processes.limits.swapMax' && process?.limits.memoryMax === undefined)
    return {status: 'unsupported', by: 'counts only with memoryMax'};
  if (field === 'processes.logs.output' && typeof process?.logs.output === 'object')
    return {status: 'unsupported', by: 'a container writes into its own files alone'};
  return field === 'processes.health' && process?.health?.kind === 'watchdog'
    ? {status: 'unsupported', by: 'nobody is told: kind http or exec is asked'}
    : undefined;
};

const services = (files: readonly string[]) =>
  files.filter((file) => file.endsWith('.container')).map((file) => file.replace(/\.container$/, '.service'));
const pods = (files: readonly string[]) =>
  files.filter((file) => file.endsWith('.pod')).map((file) => file.replace(/\.pod$/, '-pod.service'));

// What Quadlet generates is enabled by the generator itself.
export const manager: Manager = {
  enable: () => [{run: ['systemctl', 'daemon-reload']}],
  disable: ({files}) => [{run: ['systemctl', 'stop', ...services(files), ...pods(files)]}],
  forget: () => [{run: ['systemctl', 'daemon-reload']}],
};

function valuesFile(model: CompleteModel, one: PlannedProcess): UnitFile[] {
  const {passed} = podmanVariables(model, one);
  if (passed.length === 0) return [];
  const lines = passed.map((name) => environmentFileLine(name, one.env[name] ?? ''));
  const content = [markerLine({app: model.name, format: 'quadlet'}), ...lines, ''].join('\n');
  return [{path: `${one.id}.env`, content, mode: 0o600}];
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  requireImage(model, 'Podman');
  const templates = await loadTemplates('quadlet', ['container', 'pod'], options);
  const mode = model.envStorage === 'file' ? 0o644 : 0o600;
  const pod = hasPod(model);
  const containers = planned.flatMap((one) => [
    ...valuesFile(model, one),
    {path: `${one.id}.container`, content: templates.container(containerView(model, one, pod)), mode},
  ]);
  if (!pod) return containers;
  const content = templates.pod({
    marker: markerLine({app: model.name, format: 'quadlet'}),
    name: model.name,
    ports: planned.flatMap(({port}) => (port === undefined ? [] : [`${port}:${port}`])),
  });
  return [{path: `${model.name}.pod`, content, mode: 0o644}, ...containers];
}
