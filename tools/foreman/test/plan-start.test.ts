import {describe, expect, test} from '@jest/globals';
import {planStart, type ForemanApp, type PlanOptions} from '@keelson/foreman';
import {parseProcfile} from '@keelson/procfile';

const app = (over: Partial<ForemanApp> = {}): ForemanApp => ({
  root: '/app',
  procfile: parseProcfile('web: node web.js\napi: node api.js\nfoo-bar: node foo.js\n'),
  env: {},
  fromFiles: new Map(),
  warnings: [],
  config: {},
  ...over,
});

const ports = (options: PlanOptions, over: Partial<ForemanApp> = {}) =>
  Object.fromEntries(planStart(app(over), options).processes.map(({name, port}) => [name, port]));

describe('ports', () => {
  test('one of each; the place in the Procfile decides, whatever else is started', () => {
    expect(ports({})).toEqual({'web.1': 5000, 'api.1': 5100, 'foo-bar.1': 5200});
    expect(ports({formation: 'api'})).toEqual({'api.1': 5100});
    expect(ports({formation: 'web=2,api=2'})).toEqual({
      'web.1': 5000,
      'web.2': 5001,
      'api.1': 5100,
      'api.2': 5101,
    });
    expect(ports({formation: 'api', ports: {by: 'selection'}})).toEqual({'api.1': 5000});
  });

  test('base: --port, else PORT of a file or the environment; step; fixed ones; none', () => {
    expect(ports({formation: 'api', ports: {base: 3000, step: 10}}, {env: {PORT: '4000'}})).toEqual({
      'api.1': 3010,
    });
    expect(ports({formation: 'api'}, {env: {PORT: '4000'}})).toEqual({'api.1': 4100});
    const config = {processes: {api: {port: 9000}}};
    expect(ports({formation: 'web,api=2'}, {config})).toEqual({'web.1': 5000, 'api.1': 9000, 'api.2': 9001});
    expect(ports({formation: 'api', ports: {none: true}})).toEqual({'api.1': undefined});
    const fromFile = {env: {PORT: 'forego'}, fromFiles: new Map([['PORT', '.env']])};
    expect(() => ports({}, fromFile)).toThrow('.env: PORT is not a port: "forego"');
  });
});

describe('the environment of a process', () => {
  const envOf = (name: string, options: PlanOptions = {}, over: Partial<ForemanApp> = {}) =>
    planStart(app(over), options).processes.find((one) => one.name === name)?.env;

  test('its port, its name as foreman and node-foreman call it, and the ports of all others', () => {
    expect(envOf('web.2', {formation: 'web=2'}, {env: {A: '1'}})).toEqual({
      A: '1',
      PORT: '5001',
      PS: 'web.2',
      FOREMAN_WORKER_NAME: 'web.2',
      PYTHONUNBUFFERED: '1',
      KEELSON_PORT_WEB: '5000',
      KEELSON_PORT_WEB_1: '5000',
      KEELSON_PORT_WEB_2: '5001',
      KEELSON_PORT_API: '5100',
      KEELSON_PORT_API_1: '5100',
      KEELSON_PORT_FOO_BAR: '5200',
      KEELSON_PORT_FOO_BAR_1: '5200',
      OVERMIND_PROCESS_web_PORT: '5000',
      OVERMIND_PROCESS_web_1_PORT: '5000',
      OVERMIND_PROCESS_web_2_PORT: '5001',
      OVERMIND_PROCESS_api_PORT: '5100',
      OVERMIND_PROCESS_api_1_PORT: '5100',
      OVERMIND_PROCESS_foo_bar_PORT: '5200',
      OVERMIND_PROCESS_foo_bar_1_PORT: '5200',
    });
  });

  test('the app says otherwise: its PYTHONUNBUFFERED and FORCE_COLOR stay', () => {
    const env = {PYTHONUNBUFFERED: '', FORCE_COLOR: '0'};
    expect(envOf('web.1', {colorLevel: 3}, {env})).toMatchObject(env);
    expect(envOf('web.1', {colorLevel: 3})).toMatchObject({FORCE_COLOR: '3'});
  });

  test('--no-port: no PORT of ours, and none of the siblings', () => {
    const env = envOf('web.1', {ports: {none: true}}, {env: {PORT: '80'}});
    expect(env).toEqual({PORT: '80', PS: 'web.1', FOREMAN_WORKER_NAME: 'web.1', PYTHONUNBUFFERED: '1'});
  });
});

describe('what package.json says', () => {
  const config = {
    formation: {web: 2},
    processes: {
      web: {
        stopSignal: 'SIGINT',
        graceMs: 1,
        canDie: true,
        restart: 'always',
        ready: {port: true},
        watch: ['*.js'],
      },
      api: {dependsOn: ['web', 'foo-bar']},
    },
  } as const;

  test('holds where the command line says nothing', () => {
    const plan = planStart(app({config}));
    expect(plan.processes.map(({name}) => name)).toEqual(['web.1', 'web.2']);
    expect(plan.processes[0]).toMatchObject({...config.processes.web, cwd: '/app'});
    expect(plan).toMatchObject({stopOn: 'any', restartLimit: 10});
  });

  test('only those that are started are waited for', () => {
    const [, api] = planStart(app({config}), {formation: 'api,web'}).processes;
    expect(api!.dependsOn).toEqual(['web']);
  });

  test('the command line counts more', () => {
    const options: PlanOptions = {
      stop: {graceMs: 7, anyExit: true, on: 'failure'},
      ready: {web: {line: 'up'}},
      watch: () => [],
      restart: {wanted: true, limit: 3},
    };
    const plan = planStart(app({config}), {...options, formation: 'web,api'});
    expect(plan.processes[0]).toMatchObject({
      graceMs: 7,
      canDie: false,
      ready: {line: 'up'},
      watch: [],
      restart: 'always',
    });
    expect(plan.processes[1]).toMatchObject({restart: 'on-failure'});
    expect(plan).toMatchObject({stopOn: 'failure', restartLimit: 3});
  });
});

test.each([
  [{formation: 'nope'}, 'unknown process nope'],
  [{formation: 'web=x'}, 'is not TYPE=N'],
  [{formation: 'web='}, 'is not TYPE=N'],
  [{formation: 'web=-1'}, 'is not TYPE=N'],
  [{formation: ','}, 'is not TYPE=N'],
  [{formation: 'web=0'}, 'nothing to start'],
  [{stop: {canDie: ['nope']}}, '--can-die: there is no process nope'],
  [{ready: {nope: {port: true}}}, '--ready: there is no process nope'],
  [{dependsOn: {web: ['api'], api: ['web']}}, 'web → api → web'],
  [{formation: 'web=101'}, 'would both get port'],
] as [PlanOptions, string][])('%j: %s', (options, message) => {
  expect(() => planStart(app(), options)).toThrow(message);
});
