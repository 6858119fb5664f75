import {expect, test} from '@jest/globals';
import {
  capabilityMatrix,
  FORMAT_NAMES,
  renderUnits,
  type Format,
  type ServiceModel,
  type ServiceProcess,
} from '@keelson/exporter';

import {model} from './nasty.ts';

/** A field, values for it that a manager would have to do something else for, and what else has to be set then. */
type Sample = readonly [field: string, values: readonly unknown[], beside?: Partial<ServiceProcess>];

const ofApp: readonly Sample[] = [
  ['name', ['other']],
  ['description', ['The shop']],
  ['root', ['/opt/shop']],
  ['user.name', ['shop']],
  ['user.group', ['www-data']],
  ['user.supplementary', [['adm', 'video']]],
  ['unitDir', ['/opt/units'], {hooks: {preStart: ['true']}}],
  ['logDir', ['/opt/logs']],
  ['path', [['/opt/bin', '/bin']]],
  ['programs', [{node: '/opt/node'}]],
  ['envStorage', ['inline']],
  ['image', ['other:2']],
  ['sysctl', [{'net.core.somaxconn': '1024'}]],
  ['target.version', [254], {restart: {maxDelayMs: 60_000}}],
  ['target.scope', ['user']],
  ['target.units', ['template']],
];

const ofProcess: readonly Sample[] = [
  ['name', ['other']],
  ['description', ['serves']],
  ['command', ['node other.js', 'cd x && node other.js', {argv: ['node', 'other.js']}]],
  ['instances', [2]],
  ['cwd', ['server']],
  ['env', [{A: '1'}]],
  ['envFiles', [[{path: '/etc/a.env'}], [{path: '/etc/a.env', optional: true}]]],
  ['port', [{base: 6000}, {base: 6000, env: 'HTTP_PORT'}]],
  ['scale', [{max: 4}, {max: 4, cpuPercent: 60}], {limits: {cpuQuota: 0.5}}],
  ['limits.memoryMax', [2 ** 28]],
  ['limits.memoryHigh', [2 ** 27]],
  ['limits.swapMax', [2 ** 20], {limits: {memoryMax: 2 ** 28}}],
  ['limits.cpuQuota', [0.5]],
  ['limits.cpuWeight', [200]],
  ['limits.cpus', ['0-1']],
  ['limits.tasksMax', [64]],
  ['limits.ioWeight', [200]],
  ['limits.nofile', [4096, {soft: 1024, hard: 4096}]],
  ['limits.nproc', [100]],
  ['limits.core', [0]],
  ['limits.as', [2 ** 32]],
  ['limits.data', [2 ** 32]],
  ['limits.stack', [2 ** 23]],
  ['limits.memlock', [2 ** 16]],
  ['limits.fsize', [2 ** 30]],
  ['restart.policy', ['no', 'on-failure']],
  ['restart.delayMs', [5000]],
  ['restart.maxDelayMs', [60_000]],
  ['restart.limit', [{count: 3, withinMs: 60_000}]],
  ['restart.limit', [{count: 3, withinMs: 60_000}], {restart: {policy: 'on-failure'}}],
  ['restart.preventExit', [[3, 4]]],
  ['restart.successExit', [[5]], {restart: {policy: 'on-failure'}}],
  ['start.ready', ['notify']],
  ['start.timeoutMs', [7000]],
  ['stop.signal', ['SIGINT']],
  ['stop.timeoutMs', [7000]],
  ['stop.scope', ['group']],
  ['reload', ['SIGHUP']],
  [
    'health',
    [{kind: 'http', path: '/health'}, {kind: 'exec', command: 'true'}, {kind: 'watchdog'}],
    {port: {base: 6000}},
  ],
  ['hooks.preStart', [['echo pre']]],
  ['hooks.postStart', [['echo post']]],
  ['hooks.preStop', [['echo stop']]],
  ['hooks.postStop', [['echo stopped']]],
  ['logs.tag', ['tagged']],
  ['logs.output', ['null', {file: '/opt/web-{n}.log'}]],
  ['logs.rotate', [{maxBytes: 1e6, files: 5}]],
  ['pidfile', ['/run/web-{n}.pid']],
  ['umask', ['027']],
  ['nice', [5]],
  ['ioClass', ['idle']],
  ['oomScoreAdjust', [100]],
  ['sockets', [[{listen: '{port}', name: 'http', backlog: 5, mode: '0660'}]], {port: {base: 6000}}],
  ['capabilities', [['CAP_NET_BIND_SERVICE']]],
  ['harden', ['none', 'strict']],
  ['deps.requires', [['postgresql']]],
  ['deps.wants', [['redis']]],
  ['deps.after', [['cron']]],
  ['deps.network', ['online']],
  ['boot', [false]],
  ['boot', [false], {restart: {policy: 'no'}}],
  [
    'extra',
    [
      {
        systemd: ['CPUSchedulingPolicy=batch'],
        quadlet: ['Timezone=local'],
        supervisord: ['priority=5'],
        upstart: ['emits shop'],
      },
    ],
  ],
];

function set(target: object, path: string, value: unknown): object {
  const [group, name] = path.split('.') as [string, string?];
  const inside = (target as Record<string, object>)[group] ?? {};
  return {...target, [group]: name === undefined ? value : {...inside, [name]: value}};
}

function withSet(
  base: ServiceModel,
  scope: 'app' | 'process',
  [path, value]: readonly [string, unknown],
): ServiceModel {
  if (scope === 'app') return set(base, path, value) as ServiceModel;
  return {...base, processes: [set(base.processes[0]!, path, value) as ServiceProcess]};
}

async function rendered(format: Format, value: ServiceModel) {
  const {files, report} = await renderUnits(format, value);
  return {text: JSON.stringify(files), report};
}

const base = (path: string, beside: Partial<ServiceProcess> = {}): ServiceModel =>
  model(beside, path === 'user.name' || path.startsWith('target') ? {} : {user: {name: 'www-data'}});

type Case = ['app' | 'process', string, readonly unknown[], Partial<ServiceProcess> | undefined];

const cases: Case[] = [
  ...ofApp.map(([path, values, beside]): Case => ['app', path, values, beside]),
  ...ofProcess.map(([path, values, beside]): Case => ['process', path, values, beside]),
];

/** What is refused by the report changes nothing, and what is promised changes something. Comes back with what is not so. */
async function brokenPromises(format: Format, [scope, path, values, beside]: Case): Promise<object[]> {
  const from = base(path, beside);
  const before = await rendered(format, from);
  const broken: object[] = [];
  for (const value of values) {
    const {text, report} = await rendered(format, withSet(from, scope, [path, value]));
    const row = report.find(
      ({field, process}) => field === path && (process === undefined) === (scope === 'app'),
    );
    const nothing = row?.status === 'unsupported' || row?.by.includes('(no directive)');
    const kept = format === 'json' || (text === before.text) === nothing;
    if (!row?.by || !kept) broken.push({scope, path, value, row});
  }
  return broken;
}

test.each(FORMAT_NAMES)(
  'every field has an effect on %s, or the report says that it has none',
  async (format) => {
    const broken: object[] = [];
    for (const one of cases) broken.push(...(await brokenPromises(format, one)));
    expect(broken).toEqual([]);
  },
);

test('every field of the schema is tried, and every format has a word for each', async () => {
  const matrix = await capabilityMatrix();
  const tried = [...ofApp.map(([path]) => path), 'schema', ...ofProcess.map(([path]) => `processes.${path}`)];
  for (const format of FORMAT_NAMES)
    expect(Object.keys(matrix[format]).sort()).toEqual([...new Set(tried)].sort());
});
