import {describe, expect, test} from '@jest/globals';
import {renderUnits, type ServiceModel} from '@keelson/exporter';
import {faultOf} from '@keelson/test-kit';
import {ConfigMap, Secret, Service} from 'kubernetes-models/v1';
import {Deployment} from 'kubernetes-models/apps/v1';
import {HorizontalPodAutoscaler} from 'kubernetes-models/autoscaling/v2';
import {PodDisruptionBudget} from 'kubernetes-models/policy/v1';

import {COMMANDS, model, VALUES} from './nasty.ts';

const KINDS = {
  ConfigMap,
  Secret,
  Service,
  Deployment,
  HorizontalPodAutoscaler,
  PodDisruptionBudget,
} as const;

interface Rendered {
  readonly kind: keyof typeof KINDS;
  readonly spec: Record<string, unknown>;
  readonly stringData: Record<string, string>;
}

/** Objects by kind, each valid by the schemas that kubernetes-models makes from the API's own. */
async function valid(value: ServiceModel): Promise<Map<string, Rendered>> {
  const {files} = await renderUnits('kubernetes', value);
  const all = files.map(({content}) => JSON.parse(content.slice(content.indexOf('\n'))) as Rendered);
  for (const object of all) new KINDS[object.kind](object as never).validate();
  return new Map(all.map((object) => [object.kind, object]));
}

const everything: ServiceModel = model(
  {
    description: 'serves',
    instances: 3,
    scale: {max: 9},
    port: {base: 5000},
    env: {...VALUES},
    cwd: 'server',
    limits: {memoryMax: 2 ** 28, cpuQuota: 0.5},
    start: {timeoutMs: 30_000},
    stop: {timeoutMs: 20_500},
    health: {kind: 'http', path: '/health'},
    hooks: {preStart: ['node migrate.js'], postStart: ['true'], preStop: ['sleep 1', 'echo "$(id)"']},
    capabilities: ['CAP_NET_BIND_SERVICE'],
    harden: 'strict',
  },
  {
    user: {name: '1000', group: '1001', supplementary: ['5', '6']},
    sysctl: {'net.core.somaxconn': '1024'},
  },
);

describe('objects of Kubernetes', () => {
  test('are valid with everything that a process can be', async () => {
    const all = await valid(everything);
    expect([...all.keys()]).toEqual([
      'ConfigMap',
      'Secret',
      'Service',
      'Deployment',
      'HorizontalPodAutoscaler',
      'PodDisruptionBudget',
    ]);
    expect(all.get('Secret')!.stringData).toEqual(VALUES);
    const {spec} = (all.get('Deployment')!.spec['template'] ?? {}) as {spec: Record<string, object[]>};
    expect(spec['containers']![0]).toMatchObject({
      envFrom: [{configMapRef: {name: 'shop-web'}}, {secretRef: {name: 'shop-web'}}],
      env: [{name: 'PS', valueFrom: {fieldRef: {fieldPath: 'metadata.name'}}}],
      resources: {limits: {cpu: '500m', memory: '268435456'}},
      readinessProbe: {httpGet: {path: '/health', port: 5000}, periodSeconds: 10, failureThreshold: 3},
      startupProbe: {periodSeconds: 1, failureThreshold: 30},
      lifecycle: {preStop: {exec: {command: ['/bin/sh', '-c', '(sleep 1\n) && (echo "$$(id)"\n)']}}},
    });
    expect(spec['terminationGracePeriodSeconds']).toBe(21);
  });

  test('are valid with values inline, and with a command of any style', async () => {
    const inline = await valid({...everything, envStorage: 'inline'});
    expect([...inline.keys()]).not.toContain('Secret');
    for (const command of Object.values(COMMANDS)) await valid(model({command}));
  });

  test('a validator that would take anything proves nothing: a wrong type is found', () => {
    const wrong = {spec: {selector: {}, template: {spec: {containers: [{name: 3}]}}}};
    expect(() => new Deployment(wrong as never).validate()).toThrow(/string/);
  });

  test('an account that is no number never runs as root; a root of the model does', async () => {
    const security = async (name: string) => {
      const {spec} = (await valid(model({harden: 'none'}, {user: {name}}))).get('Deployment')!;
      return (spec['template'] as {spec: {securityContext?: object}}).spec.securityContext;
    };
    expect(await security('www-data')).toEqual({runAsNonRoot: true});
    expect(await security('root')).toEqual({runAsUser: 0});
    expect(await security('33')).toEqual({runAsUser: 33});
  });

  test('an instance less than none is a Deployment of none; who counts by load is not corrected', async () => {
    const none = await valid(model({instances: 0}));
    expect(none.get('Deployment')!.spec['replicas']).toBe(0);
    expect((await valid(everything)).get('Deployment')!.spec['replicas']).toBeUndefined();
  });

  test('two types that DNS cannot tell apart, and a name that it cannot hold, are refused', async () => {
    const web = {name: 'web_a', command: 'node a'};
    const twins = {...model(), processes: [web, {...web, name: 'WEB-A'}]};
    expect(await faultOf(renderUnits('kubernetes', twins))).toMatchObject({
      code: 'EXPORT_VALUE',
      message: 'web_a and WEB-A would both be called shop-web-a',
    });
    const long = model({name: 'w'.repeat(60)});
    expect((await faultOf(renderUnits('kubernetes', long))).code).toBe('EXPORT_VALUE');
    const {image: _, ...bare} = model();
    expect((await faultOf(renderUnits('kubernetes', bare))).message).toContain('image is missing');
  });
});
