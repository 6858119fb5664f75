import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {renderUnits, serviceModelSchema, type ServiceModel, type ServiceProcess} from '@keelson/exporter';
import {faultOf, packageRoot} from '@keelson/test-kit';
import fc from 'fast-check';

const here = packageRoot(import.meta.url);
const VALUES = JSON.parse(readFileSync(join(here, 'test/fixtures/env-values.json'), 'utf8')) as Record<
  string,
  string
>;

function model(process: Partial<ServiceProcess> = {}, app: Partial<ServiceModel> = {}): ServiceModel {
  return {
    schema: 1,
    name: 'shop',
    root: '/srv/shop/current',
    programs: {node: '/usr/bin/node'},
    processes: [{name: 'web', command: 'node server.js', ...process}],
    ...app,
  };
}

const web = (fields: object) => ({processes: [{name: 'x', command: 'y', ...fields}]});

async function rendered(value: ServiceModel): Promise<Record<string, string>> {
  const {files} = await renderUnits('systemd', value);
  return Object.fromEntries(files.map(({path, content}) => [path, content]));
}

const keysOf = (unit: string) => unit.split('\n').map((line) => line.split('=')[0]);

// Every code point but the surrogates; fast-check's own `binary` takes a second to make its table.
const codePoint = fc
  .integer({min: 0, max: 0x10ffff - 0x800})
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

describe('renderUnits systemd', () => {
  test('one service and one secret file an instance, and a target', async () => {
    const {files, ...rest} = await renderUnits(
      'systemd',
      model({instances: 2, port: {base: 5000}, env: {A: '1'}}),
    );
    expect(rest).toMatchObject({kind: 'rendering', format: 'systemd', app: 'shop'});
    expect(files.map(({path, mode}) => [path, mode.toString(8)])).toEqual([
      ['shop-web-1.env', '600'],
      ['shop-web-2.env', '600'],
      ['shop-web-1.service', '644'],
      ['shop-web-2.service', '644'],
      ['shop.target', '644'],
    ]);
    for (const {content} of files) {
      expect(content.split('\n')[0]).toBe('# managed-by: keelson app=shop format=systemd');
    }
    expect(files[1]!.content).toBe(
      '# managed-by: keelson app=shop format=systemd\nA="1"\nPORT="5001"\nPS="web.2"\n',
    );
  });

  test('every field has its directive', async () => {
    const unit = (
      await rendered(
        model(
          {
            cwd: 'server',
            limits: {memoryMax: 268_435_456, cpuQuota: 0.5, nofile: 4096},
            restart: {policy: 'on-failure', delayMs: 250, limit: {count: 3, withinMs: 60_000}},
            stop: {signal: 'SIGINT', timeoutMs: 2500},
            logs: {tag: 'shop.web'},
            envFiles: [{path: '/etc/shop 1.env'}, {path: '/etc/100%.env', optional: true}],
            harden: 'basic',
          },
          {
            description: 'The 100% shop',
            user: {name: 'shop', group: 'www-data'},
            unitDir: '/run/my units',
            path: ['/opt/bin', '/usr/bin'],
          },
        ),
      )
    )['shop-web-1.service']!;
    expect(unit).toBe(readFileSync(join(here, 'test/fixtures/shop-web-1.service'), 'utf8'));
  });

  test('a system call that strict hardening refuses is an error and does not kill Node', async () => {
    const unit = (await rendered(model({harden: 'strict'})))['shop-web-1.service']!;
    expect(unit).toContain('SystemCallErrorNumber=EPERM\n');
  });

  test('the same model gives the same bytes', async () => {
    expect(await rendered(model({env: VALUES}))).toEqual(await rendered(model({env: VALUES})));
  });

  test('PORT of the instance wins over the configuration, and no value of it is in the unit', async () => {
    const files = await rendered(model({port: {base: 7000}, env: {PORT: '3000', SECRET: 'hunter2'}}));
    expect(files['shop-web-1.env']).toContain('PORT="7000"');
    expect(files['shop-web-1.env']).not.toContain('3000');
    expect(files['shop-web-1.service']).not.toContain('hunter2');
  });

  test('inline values stand in the unit, which then only its owner reads', async () => {
    const {files} = await renderUnits('systemd', model({env: {A: 'x y'}}, {envStorage: 'inline'}));
    expect(files.map(({path, mode}) => [path, mode.toString(8)])).toEqual([
      ['shop-web-1.service', '600'],
      ['shop.target', '644'],
    ]);
    expect(files[0]!.content).toMatch(/^Environment="A=x y"$/m);
  });

  test('inline beside files of others: ours still wins, from a file after them', async () => {
    const files = await rendered(model({env: {A: 'x'}, envFiles: [{path: '/e'}]}, {envStorage: 'inline'}));
    expect(files['shop-web-1.service']).toContain(
      'EnvironmentFile=/e\nEnvironmentFile=/etc/systemd/system/shop-web-1.env\n',
    );
  });

  test('no instances: no services', async () => {
    expect(Object.keys(await rendered(model({instances: 0})))).toEqual(['shop.target']);
  });

  test('PATH of the app is used as it is, and programs are then looked up in it', async () => {
    const files = await rendered(model({env: {PATH: '/mine'}}));
    expect(files['shop-web-1.env']).toContain('PATH="/mine"');
    expect(files['shop-web-1.service']).toContain('ExecStart="/usr/bin/env" "node" "server.js"');
  });
});

describe('values', () => {
  test.each(Object.entries(VALUES))(
    '%s comes back from a file and from the unit, and adds no directive',
    async (_, value) => {
      for (const envStorage of ['file', 'inline'] as const) {
        // renderUnits itself reads the files back and compares them with the model.
        const unit = (await rendered(model({env: {V: value}}, {envStorage})))['shop-web-1.service']!;
        const plain = (await rendered(model({env: {V: 'x'}}, {envStorage})))['shop-web-1.service']!;
        expect(keysOf(unit)).toEqual(keysOf(plain));
      }
    },
  );

  test('any text comes back as a variable and as an argument', async () => {
    const text = fc
      .string({
        unit: fc.oneof(fc.constantFrom(...Array.from('\\"\'$`%\n\r\t #;=[]{}')), codePoint),
        maxLength: 40,
      })
      .filter((value) => !/\0|\p{Surrogate}|\p{Noncharacter_Code_Point}/u.test(value));
    const keys = async (envStorage: 'file' | 'inline') =>
      keysOf((await rendered(model({env: {V: 'x'}}, {envStorage})))['shop-web-1.service']!);
    const plain = {file: await keys('file'), inline: await keys('inline')};
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        fc.constantFrom('file' as const, 'inline' as const),
        async (value, word, envStorage) => {
          const argument = `'${word.replace(/[\r\n]/g, ' ').replaceAll("'", `'\\''`)}'`;
          const unit = (await rendered(model({command: `node ${argument}`, env: {V: value}}, {envStorage})))[
            'shop-web-1.service'
          ]!;
          expect(keysOf(unit)).toEqual(plain[envStorage]);
        },
      ),
      {numRuns: 100},
    );
  });

  test('a newline in a value adds no directive', async () => {
    const attack = 'x\nUser=root\nExecStartPre=/bin/rm -rf /\n[Service]\nUser=root';
    for (const envStorage of ['file', 'inline'] as const) {
      const unit = (
        await rendered(
          model(
            {env: {A: attack}, command: `node '${attack.replaceAll('\n', ' ')}'`},
            {envStorage, user: {name: 'shop'}},
          ),
        )
      )['shop-web-1.service']!;
      expect(unit.match(/^User=.*$/gm)).toEqual(['User=shop']);
      expect(unit).not.toMatch(/^ExecStartPre/m);
      expect(unit.match(/^\[/gm)).toHaveLength(3);
    }
  });

  test.each([
    ['a noncharacter', {env: {A: '\uFFFE'}}, 'EXPORT_VALUE', 'variable A'],
    ['more than the kernel passes on', {env: {A: 'x'.repeat(131_072)}}, 'EXPORT_VALUE', 'variable A'],
    ['NUL', {env: {A: 'a\0b'}}, 'EXPORT_MODEL', 'processes.0.env.A'],
    ['half a surrogate pair', {env: {A: '\uD800'}}, 'EXPORT_MODEL', 'processes.0.env.A'],
    ['a file name ending in a backslash', {envFiles: [{path: '/a\\'}]}, 'EXPORT_VALUE', 'envFiles'],
    ['a directory ending in a blank', {cwd: 'a '}, 'EXPORT_VALUE', 'cwd'],
  ])('%s is refused and not printed', async (_, process, code, where) => {
    const fault = await faultOf(renderUnits('systemd', model(process)));
    expect(fault.code).toBe(code);
    expect(fault.message).toContain(where);
    expect(fault.message.length).toBeLessThan(300);
  });
});

describe('the service model', () => {
  test.each<[string, object, string]>([
    ['an unknown key', {memory: 1}, 'memory is not known'],
    ['a misspelled key', {proceses: []}, 'proceses is not known'],
    ['a name with a newline', {name: 'a\nb'}, 'name is not the name of an app'],
    ['a relative root', {root: 'srv'}, 'root is not an absolute path'],
    ['a root that goes upwards', {root: '/srv/../etc'}, 'root goes upwards'],
    ['a user with a newline', {user: {name: 'a\nUser=root'}}, 'user.name is not the name of a user'],
    ['a description with a newline', {description: 'a\n[Service]'}, 'description holds a control character'],
    ['a PATH with a colon', {path: ['/a:/b']}, 'path.0 holds a colon'],
    ['a root with a colon and no path', {root: '/a:b'}, 'root holds a colon'],
    [
      'a process name with a slash',
      {processes: [{name: '../x', command: 'y'}]},
      'processes.0.name is not the name',
    ],
    [
      'a command of two lines',
      {processes: [{name: 'x', command: 'a\nb'}]},
      'processes.0.command is more than one line',
    ],
    [
      'an unknown signal',
      {processes: [{name: 'x', command: 'y', stop: {signal: 'SIGX'}}]},
      'processes.0.stop.signal',
    ],
    [
      'a variable with a dash',
      {processes: [{name: 'x', command: 'y', env: {'a-b': ''}}]},
      'processes.0.env.a-b',
    ],
    [
      'cwd outside of the root',
      {processes: [{name: 'x', command: 'y', cwd: '../..'}]},
      'processes.0.cwd is empty or goes upwards',
    ],
    [
      'a process twice',
      {
        processes: [
          {name: 'x', command: 'y'},
          {name: 'x', command: 'z'},
        ],
      },
      'processes has x twice',
    ],
    [
      'a port twice',
      {
        processes: [
          {name: 'x', command: 'y', instances: 2, port: {base: 1}},
          {name: 'z', command: 'y', port: {base: 2}},
        ],
      },
      'processes gives z.1 and x.2 the same port 2',
    ],
    [
      'a port above 65535',
      {processes: [{name: 'x', command: 'y', instances: 2, port: {base: 65_535}}]},
      'port 65536',
    ],
    [
      'a key that is meant to be one that must be there',
      {processes: [{nmae: 'x', command: 'y'}]},
      'nmae is not known',
    ],
    [
      'a misspelled key of one of two shapes',
      web({logs: {output: {fil: '/x'}}}),
      'logs.output.fil is not known',
    ],
    ['what must be there', {processes: [{name: 'x'}]}, 'processes.0.command is missing: it has to be text'],
    ['a signal that there is not', web({stop: {signal: 'SIGTREM'}}), 'stop.signal has to be SIGTERM, SIGINT'],
    ['text for a number', web({nice: '5'}), 'processes.0.nice has to be a number'],
    ['a number that is too high', web({nice: 20}), 'processes.0.nice has to be 19 or less'],
    [
      'a soft limit above the hard one',
      web({limits: {nofile: {soft: 'infinity', hard: 5}}}),
      'limits.nofile has a soft limit',
    ],
    [
      'memoryHigh above memoryMax',
      web({limits: {memoryHigh: 2, memoryMax: 1}}),
      'memoryHigh is above memoryMax',
    ],
    [
      'a scale below its start',
      web({instances: 3, scale: {max: 2}}),
      'scale.max is less than the 3 instances',
    ],
    ['the name of a variable', web({env: {'A-B': 'x'}}), 'env.A-B is not a name that shells'],
  ])('%s is refused by name', async (_, change, because) => {
    const fault = await faultOf(renderUnits('systemd', {...model(), ...change} as ServiceModel));
    expect(fault.code).toBe('EXPORT_MODEL');
    expect(fault.message).toContain(because);
  });

  test('a misspelled key gets the nearest one as a hint', async () => {
    const wrong = {...model(), processes: [{name: 'x', command: 'y', comand: 'z'} as ServiceProcess]};
    expect((await faultOf(renderUnits('systemd', wrong))).hint).toBe('Did you mean command?');
  });

  test('its JSON Schema is the one in schemas/', async () => {
    const shipped: unknown = JSON.parse(readFileSync(join(here, 'schemas/service-model.json'), 'utf8'));
    expect(shipped).toEqual(JSON.parse(JSON.stringify(await serviceModelSchema())));
  });
});

describe('the capability report', () => {
  test('leaves out what is not set', async () => {
    const {report} = await renderUnits('systemd', model());
    expect(report.map(({field}) => field)).toEqual(['schema', 'name', 'root', 'programs', 'name', 'command']);
  });
});
