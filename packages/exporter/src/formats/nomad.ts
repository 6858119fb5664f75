import {join} from 'node:path/posix';

import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {readHcl, type ReadBlock} from '../hcl/read.ts';
import {hclLines, type HclValue} from '../hcl/write.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import {readConfigText, readEnvText} from '../nomad/escape.ts';
import {group} from '../nomad/group.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {approximate, capabilitiesOf, emulated, native, unsupported} from './capabilities.ts';
import {requireImage} from './require-image.ts';
import type {Manager} from './unit-format.ts';

export {planReplicas as planFor} from '../plan-replicas.ts';

export const DIRECTORY = '/etc/keelson/nomad';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  native({
    name: 'job',
    root: 'work_dir',
    'user.name': 'user',
    'user.group': 'user',
    'user.supplementary': 'group_add of the docker driver',
    path: 'env',
    image: 'image',
    sysctl: 'sysctl of the docker driver',
    'processes.name': 'group and task',
    'processes.command': 'entrypoint',
    'processes.instances': 'count',
    'processes.cwd': 'work_dir',
    'processes.env': 'env',
    'processes.port': 'network, service and a variable; each copy gets a port of the machine for it',
    'processes.scale': 'scaling, for the Nomad Autoscaler',
    'processes.limits.memoryMax': 'resources.memory, whole MiB',
    'processes.limits.cpus': 'cpuset_cpus',
    'processes.limits.tasksMax': 'pids_limit',
    'processes.limits.nofile': 'ulimit',
    'processes.limits.nproc': 'ulimit',
    'processes.limits.core': 'ulimit',
    'processes.limits.data': 'ulimit',
    'processes.limits.stack': 'ulimit',
    'processes.limits.memlock': 'ulimit',
    'processes.limits.fsize': 'ulimit',
    'processes.restart.policy': 'restart',
    'processes.restart.delayMs': 'restart.delay',
    'processes.restart.limit': 'restart.attempts and interval',
    'processes.start.timeoutMs': 'update.healthy_deadline, more than 10 s',
    'processes.stop.signal': 'kill_signal',
    'processes.stop.timeoutMs': 'kill_timeout',
    'processes.reload': 'nomad alloc signal (no directive)',
    'processes.health': 'check and check_restart',
    'processes.logs.rotate': 'logs, whole MiB',
    'processes.capabilities': 'cap_add; the client has to allow it',
    'processes.harden': 'security_opt no-new-privileges; strict: cap_drop, readonly_rootfs',
    'processes.deps.network': 'a client has its network (no directive)',
  }),
  approximate({
    'processes.limits.cpuQuota': 'resources.cpu: MHz, 1000 of them for a CPU',
    'processes.hooks.preStart': 'a prestart task: of the same image, but with files of its own',
    'processes.hooks.postStart': 'a poststart task: of the same image, but with files of its own',
    'processes.hooks.postStop': 'a poststop task: of the same image, but with files of its own',
  }),
  emulated({
    'processes.logs.output': 'logs.disabled',
    'processes.boot': 'count = 0',
  }),
  unsupported({
    'processes.limits.as': 'engines of containers know no such limit',
    description: 'a job has none',
    'processes.description': 'a group has none',
    envStorage: 'a job holds its values in either case',
    'processes.envFiles': 'a task sees no file of the machine',
    'processes.limits.cpuWeight': 'follows from resources.cpu',
    'processes.stop.scope': 'the first process of a container gets the signal, all end with it',
    'processes.deps.requires': 'groups wait for nobody',
    'processes.deps.wants': 'groups wait for nobody',
    'processes.deps.after': 'groups wait for nobody',
  }),
);

export const capabilityOf: CapabilityOf = (field, _, process) => {
  if (field === 'processes.restart.policy' && process?.restart.policy === 'on-failure')
    return {status: 'unsupported', by: 'restart asks for no exit code'};
  if (field === 'processes.logs.output' && typeof process?.logs.output === 'object')
    return {status: 'unsupported', by: 'a container writes into its own files alone'};
  if (field === 'processes.scale' && !process?.boot)
    return {status: 'unsupported', by: 'counts only with boot'};
  return field === 'processes.health' && (process?.health?.kind !== 'http' || !process.port)
    ? {status: 'unsupported', by: "Nomad's own services are asked by http alone, on their port"}
    : undefined;
};

export const manager: Manager = {
  enable: ({app, files, directory}) =>
    files.map((file) => ({
      run: ['nomad', 'job', 'run', '-detach', join(directory, file)],
      undo: ['nomad', 'job', 'stop', '-purge', '-detach', app],
    })),
  disable: ({app}) => [{run: ['nomad', 'job', 'stop', '-purge', app]}],
};

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  requireImage(model, 'a job of Nomad');
  const templates = await loadTemplates('nomad', ['job'], options);
  const lines = hclLines({
    block: 'job',
    labels: [model.name],
    values: {type: 'service', datacenters: ['*']},
    blocks: planned.map((one) => group(model, one)),
  });
  const content = templates.job({marker: markerLine({app: model.name, format: 'nomad'}), lines});
  return [{path: `${model.name}.nomad.hcl`, content, mode: 0o600}];
}

function inside({blocks}: Pick<ReadBlock, 'blocks'>, name: string): ReadBlock[] {
  return blocks.filter(({block}) => block === name);
}

function textOf(value: HclValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  return files.flatMap(({path, content}) => {
    const groups = inside(readHcl(path, content), 'job').flatMap((job) => inside(job, 'group'));
    // What has a lifecycle serves another task.
    const tasks = groups
      .flatMap((one) => inside(one, 'task'))
      .filter((one) => inside(one, 'lifecycle').length === 0);
    return tasks.map((one) => {
      const [config] = inside(one, 'config');
      const [env] = inside(one, 'env');
      const [user, group] = textOf(one.values['user']).split(':');
      return {
        file: path,
        env: Object.fromEntries(
          Object.entries(env?.values ?? {}).map(([name, value]) => [name, readEnvText(path, textOf(value))]),
        ),
        argv: ((config?.values['entrypoint'] ?? []) as string[]).map((word) => readConfigText(path, word)),
        cwd: readConfigText(path, textOf(config?.values['work_dir'])),
        user: user === '' ? undefined : user,
        group,
      };
    });
  });
}
