import {join} from 'node:path/posix';

import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import {dnsLabel} from '../dns-label.ts';
import {objects} from '../kubernetes/objects.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import {planReplicas} from '../plan-replicas.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {yamlText} from '../yaml/json-in-yaml.ts';
import {approximate, capabilitiesOf, emulated, native, unsupported} from './capabilities.ts';
import {requireImage} from './require-image.ts';
import type {Manager} from './unit-format.ts';

export {readObjects as readFiles} from '../kubernetes/read.ts';

export const DIRECTORY = '/etc/keelson/kubernetes';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  native({
    name: 'names and labels of the objects',
    description: 'an annotation',
    root: 'workingDir',
    'user.name': 'securityContext.runAsUser',
    'user.group': 'securityContext.runAsGroup',
    'user.supplementary': 'securityContext.supplementalGroups',
    path: 'a variable in the ConfigMap',
    envStorage: 'a Secret, or env',
    image: 'image',
    sysctl: 'securityContext.sysctls; the kubelet has to allow those that are not safe',
    'processes.description': 'an annotation',
    'processes.command': 'command',
    'processes.instances': 'replicas, and a PodDisruptionBudget from 2 on',
    'processes.cwd': 'workingDir',
    'processes.env': 'a Secret, or env',
    'processes.port': 'a Service, containerPort and a variable; the same in every pod',
    'processes.scale': 'a HorizontalPodAutoscaler',
    'processes.limits.memoryMax': 'resources.limits.memory',
    'processes.limits.cpuQuota': 'resources.limits.cpu',
    'processes.start.timeoutMs': 'startupProbe, whole seconds',
    'processes.stop.timeoutMs': 'terminationGracePeriodSeconds',
    'processes.health': 'readinessProbe and livenessProbe',
    'processes.hooks.postStart': 'lifecycle.postStart',
    'processes.hooks.preStop': 'lifecycle.preStop',
    'processes.capabilities': 'securityContext.capabilities.add',
    'processes.harden': 'allowPrivilegeEscalation, seccompProfile; strict: drop ALL, readOnlyRootFilesystem',
    'processes.deps.network': 'a pod has its network before it starts (no directive)',
  }),
  approximate({
    'processes.hooks.preStart': 'initContainers: of the same image, but with files of their own',
  }),
  emulated({'processes.boot': 'replicas: 0'}),
  unsupported({
    'processes.limits.memoryHigh': 'the kubelet has no word for it',
    'processes.limits.cpuWeight': 'follows from resources.requests.cpu',
    'processes.limits.tasksMax': "podPidsLimit of the kubelet's own configuration",
    'processes.envFiles': 'a pod sees no file of the machine; make a Secret of it',
    'processes.restart.policy': 'a Deployment always starts again',
    'processes.restart.delayMs': 'the kubelet waits 10 s, doubled up to 5 minutes',
    'processes.stop.signal': 'STOPSIGNAL of the image decides',
    'processes.stop.scope': 'the first process of a container gets the signal, all end with it',
    'processes.reload': 'a new configuration is a new pod',
    'processes.logs.output': 'what a container prints is kept by the kubelet',
    'processes.logs.rotate': "containerLogMaxSize of the kubelet's own configuration",
    'processes.deps.requires': 'pods wait for nobody; answer the probe when it is there',
    'processes.deps.wants': 'pods wait for nobody',
    'processes.deps.after': 'pods wait for nobody',
  }),
);

const isNumber = (account: string) => /^\d+$/.test(account);

export const capabilityOf: CapabilityOf = (field, {user}, process) => {
  if (field === 'user.name' && user && user.name !== 'root' && !isNumber(user.name))
    return {
      status: 'approximate',
      by: 'runAsNonRoot: a pod takes a number, so the user of the image runs it',
    };
  const groups = {'user.group': [user?.group ?? '0'], 'user.supplementary': user?.supplementary ?? []};
  if ((field === 'user.group' || field === 'user.supplementary') && !groups[field].every(isNumber))
    return {status: 'unsupported', by: 'a pod takes numbers for groups'};
  if (field === 'processes.start.timeoutMs' && (!process?.health || process.health.kind === 'watchdog'))
    return {status: 'unsupported', by: 'counts only with health of kind http or exec'};
  if (field === 'processes.scale' && (process?.limits.cpuQuota === undefined || !process.boot))
    return {status: 'unsupported', by: 'percent of what: counts only with limits.cpuQuota, and boot'};
  return field === 'processes.health' && process?.health?.kind === 'watchdog'
    ? {status: 'unsupported', by: 'nobody is told: kind http or exec is asked'}
    : undefined;
};

export const manager: Manager = {
  enable: ({files, directory}) => [
    {
      run: ['kubectl', 'apply', ...named(files, directory)],
      undo: ['kubectl', 'delete', '--ignore-not-found', ...named(files, directory)],
    },
  ],
  disable: ({files, directory}) => [
    {run: ['kubectl', 'delete', '--ignore-not-found', ...named(files, directory)]},
  ],
};

function named(files: readonly string[], directory: string): string[] {
  return files.map((file) => `--filename=${join(directory, file)}`);
}

export function planFor(model: CompleteModel): PlannedProcess[] {
  return planReplicas(model).map((one) => {
    const user = one.user === 'root' ? '0' : one.user;
    return {
      ...one,
      user: user !== undefined && isNumber(user) ? user : undefined,
      group: one.group !== undefined && isNumber(one.group) ? one.group : undefined,
    };
  });
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  requireImage(model, 'Kubernetes');
  const templates = await loadTemplates('kubernetes', ['object'], options);
  const marker = markerLine({app: model.name, format: 'kubernetes'});
  return planned.flatMap((one) => {
    const name = dnsLabel(model, one.of.name);
    // The account as the model names it: what is no number still keeps the container from being root's.
    return objects(model, {...one, user: model.user?.name}, name).map((object) => ({
      path: `${name}.${object.kind.toLowerCase()}.yaml`,
      content: templates.object({marker, document: yamlText(object)}),
      mode: object.kind === 'Secret' || model.envStorage === 'inline' ? 0o600 : 0o644,
    }));
  });
}
