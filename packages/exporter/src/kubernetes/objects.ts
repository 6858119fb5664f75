import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import {container, initContainers} from './container.ts';
import {variables} from './variables.ts';

/** An object, and what its file is called after. */
export interface KubernetesObject {
  readonly kind: string;
  readonly [field: string]: unknown;
}

const NUMBER = /^\d+$/;

/** Accounts are numbers here; of a name only remains that it isn't root's. */
function accounts({user, group, supplementary}: PlannedProcess): object {
  const id = user === 'root' ? '0' : user;
  return {
    ...(id === undefined ? {} : NUMBER.test(id) ? {runAsUser: Number(id)} : {runAsNonRoot: true}),
    ...(group !== undefined && NUMBER.test(group) ? {runAsGroup: Number(group)} : {}),
    ...(supplementary.length > 0 && supplementary.every((one) => NUMBER.test(one))
      ? {supplementalGroups: supplementary.map(Number)}
      : {}),
  };
}

function podSecurity(model: CompleteModel, one: PlannedProcess): object {
  const sysctls = Object.entries(model.sysctl).map(([name, value]) => ({name, value}));
  const context = {
    ...accounts(one),
    ...(one.of.harden === 'none' ? {} : {seccompProfile: {type: 'RuntimeDefault'}}),
    ...(sysctls.length > 0 ? {sysctls} : {}),
  };
  return Object.keys(context).length > 0 ? {securityContext: context} : {};
}

/** Objects of a process type, in the order in which they need each other. */
export function objects(model: CompleteModel, one: PlannedProcess, name: string): KubernetesObject[] {
  const {of} = one;
  const own = {'app.kubernetes.io/name': model.name, 'app.kubernetes.io/component': name};
  const description = of.description ?? model.description;
  const metadata = {
    name,
    labels: {...own, 'app.kubernetes.io/managed-by': 'keelson'},
    ...(description === undefined ? {} : {annotations: {'kubernetes.io/description': description}}),
  };
  const {config, secret} = variables(model, one);
  const scaled = of.scale !== undefined && of.limits.cpuQuota !== undefined && of.boot;
  const pod = {
    ...(of.harden === 'none' ? {} : {automountServiceAccountToken: false}),
    ...podSecurity(model, one),
    terminationGracePeriodSeconds: Math.max(1, Math.ceil(of.stop.timeoutMs / 1000)),
    ...initContainers(model, one, name),
    containers: [container(model, one, name)],
    ...(of.harden === 'strict' ? {volumes: [{name: 'tmp', emptyDir: {}}]} : {}),
  };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      // Whoever counts by load must not be corrected by every apply.
      ...(scaled ? {} : {replicas: of.boot ? of.instances : 0}),
      selector: {matchLabels: own},
      strategy: {type: 'RollingUpdate', rollingUpdate: {maxUnavailable: 0, maxSurge: 1}},
      template: {metadata: {labels: metadata.labels}, spec: pod},
    },
  };
  const target = {apiVersion: 'apps/v1', kind: 'Deployment', name};
  return [
    ...(Object.keys(config).length > 0
      ? [{apiVersion: 'v1', kind: 'ConfigMap', metadata, data: config}]
      : []),
    ...(Object.keys(secret).length > 0
      ? [{apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData: secret}]
      : []),
    ...(one.port === undefined
      ? []
      : [
          {
            apiVersion: 'v1',
            kind: 'Service',
            metadata,
            spec: {selector: own, ports: [{name: 'http', port: one.port, targetPort: 'http'}]},
          },
        ]),
    deployment,
    ...(scaled
      ? [
          {
            apiVersion: 'autoscaling/v2',
            kind: 'HorizontalPodAutoscaler',
            metadata,
            spec: {
              scaleTargetRef: target,
              minReplicas: Math.max(1, of.instances),
              maxReplicas: Math.max(of.scale!.max, of.instances, 1),
              metrics: [
                {
                  type: 'Resource',
                  resource: {
                    name: 'cpu',
                    target: {type: 'Utilization', averageUtilization: of.scale!.cpuPercent},
                  },
                },
              ],
            },
          },
        ]
      : []),
    ...(of.instances > 1 && of.boot
      ? [
          {
            apiVersion: 'policy/v1',
            kind: 'PodDisruptionBudget',
            metadata,
            spec: {maxUnavailable: 1, selector: {matchLabels: own}},
          },
        ]
      : []),
  ];
}
