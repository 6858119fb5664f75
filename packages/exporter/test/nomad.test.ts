import {parse} from '@cdktf/hcl2json';
import {describe, expect, test} from '@jest/globals';
import {renderUnits, type ServiceModel} from '@keelson/exporter';
import {faultOf, testdir} from '@keelson/test-kit';
import fc from 'fast-check';

import {COMMANDS, model, REFUSED, VALUES} from './nasty.ts';

interface Task {
  readonly config: readonly Record<string, unknown>[];
  readonly env: readonly Record<string, string>[];
  readonly meta?: readonly Record<string, string>[];
}

/** HashiCorp's own parser, which gives strings in the words of HCL's JSON: `$${` still stands for `${`. */
const literal = (text: string) => text.replaceAll('$${', '${').replaceAll('%%{', '%{');

/** What Nomad's client makes of `env`: ReplaceEnv(), once, known names alone. */
const replaced = (text: string, known: Readonly<Record<string, string>>) =>
  text.replace(/\$\{([a-zA-Z0-9_.-]+)\}/g, (found, name: string) => known[name] ?? found);

async function group(value: ServiceModel): Promise<Record<string, unknown> & {task: Record<string, Task[]>}> {
  const {files} = await renderUnits('nomad', value);
  const {job} = (await parse('shop.nomad.hcl', files[0]!.content)) as {
    job: {shop: {group: {web: (Record<string, unknown> & {task: Record<string, Task[]>})[]}}[]};
  };
  return job.shop[0]!.group.web[0]!;
}

async function started(value: ServiceModel): Promise<{env: Record<string, string>; argv: string[]}> {
  const [task] = (await group(value)).task['web']!;
  const {config, env, meta} = task!;
  const known = Object.fromEntries(
    Object.entries(meta?.[0] ?? {}).map(([name, text]) => [`NOMAD_META_${name}`, text]),
  );
  const all = {...known, NOMAD_ALLOC_INDEX: '0', HOME: '/root', X: 'replaced'};
  return {
    env: Object.fromEntries(
      Object.entries(env[0]!).map(([name, text]) => [name, replaced(literal(text), all)]),
    ),
    // The config of a driver is evaluated as HCL once more.
    argv: (config[0]!['entrypoint'] as string[]).map((word) => literal(literal(word))),
  };
}

describe('a job of Nomad, read by HashiCorp’s parser', () => {
  test('has every value and every word as it is', async () => {
    const held = Object.fromEntries(
      Object.entries(VALUES).filter(([name]) => !REFUSED['nomad']!.includes(name)),
    );
    const words = Object.values(held);
    const {env, argv} = await started(model({env: held, command: {argv: ['node', ...words]}}));
    const path = `/srv/shop/current/node_modules/.bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
    expect(env).toEqual({PATH: path, ...held, PS: 'web.0'});
    expect(argv.slice(1)).toEqual(words);
  });

  test.each(Object.entries(COMMANDS))('takes command %s', async (_, command) => {
    const {argv} = await started(model({command}));
    expect(argv.length).toBeGreaterThan(0);
  });

  test('has any text as it is, whatever it means to HCL or to Nomad', async () => {
    const unit = fc.constantFrom(
      '$',
      '{',
      '}',
      '%',
      '$$',
      '${HOME}',
      '${X}',
      '%{if true}',
      '\\',
      '"',
      '\n',
      'a',
      '😀',
    );
    await fc.assert(
      fc.asyncProperty(fc.string({unit, maxLength: 12}), async (text) => {
        const {env, argv} = await started(model({env: {V: text}, command: {argv: ['node', text]}}));
        expect([env['V'], argv[1]]).toEqual([text, text]);
      }),
      {numRuns: 60},
    );
  });

  test('has what a process can be', async () => {
    const value = model(
      {
        instances: 3,
        scale: {max: 9},
        port: {base: 5000},
        limits: {memoryMax: 2 ** 28, cpuQuota: 0.5, cpus: '0-1', nofile: {soft: 1024, hard: 'infinity'}},
        restart: {limit: {count: 3, withinMs: 60_000}, delayMs: 2000},
        start: {timeoutMs: 30_000},
        health: {kind: 'http', path: '/health'},
        hooks: {preStart: ['node migrate.js']},
        harden: 'strict',
      },
      {user: {name: 'app', group: 'web'}, sysctl: {'net.core.somaxconn': '1024'}},
    );
    expect(await group(value)).toMatchObject({
      count: 3,
      restart: [{attempts: 3, interval: '60000ms', delay: '2000ms', mode: 'fail'}],
      network: [{port: {http: [{to: 5000}]}}],
      service: [{name: 'shop-web', provider: 'nomad', check: [{path: '/health', interval: '10000ms'}]}],
      scaling: [{min: 3, max: 9}],
      task: {
        web: [
          {
            user: 'app:web',
            resources: [{cpu: 500, memory: 256}],
            config: [{sysctl: {'net.core.somaxconn': '1024'}, ulimit: [{nofile: '1024:-1'}]}],
          },
        ],
        'web-prestart-1': [{lifecycle: [{hook: 'prestart'}]}],
      },
    });
  });
});

test.each([
  ['another value', '"hunter2"', '"hunter3"', 'variable SECRET'],
  ['a reference of Nomad', '"hunter2"', '"$${HOME}"', 'Nomad would replace a variable'],
  ['an expression', '"hunter2"', '"${upper("x")}"', 'HCL would not read'],
  ['a call', '"hunter2"', 'upper("x")', 'HCL would not read'],
  ['another user', '"app"', '"root"', 'user of web.1'],
  ['a value twice', 'user = "app"', 'user = "app"\n      user = "root"', 'HCL would not read'],
  ['a template in the config', '"server.js"', '"$${HOME}"', 'Nomad would evaluate a template'],
])('reading back finds %s', async (_, from, to, because) => {
  const own = model({env: {SECRET: 'hunter2'}}, {user: {name: 'app'}});
  const {files} = await renderUnits('nomad', own);
  const content = files[0]!.content;
  expect(content).toContain(from);
  const template = content.replace(/^.*\n/, '{{marker}}\n').replace(from, () => to);
  await using directory = await testdir({'nomad/job.hbs': template});
  const fault = await faultOf(renderUnits('nomad', own, {templates: [directory.path]}));
  expect(fault).toMatchObject({code: 'EXPORT_MISMATCH', message: expect.stringContaining(because)});
});
