import {symlink} from 'node:fs/promises';

import {describe, expect, test} from '@jest/globals';
import {exportApp, uninstallApp} from '@keelson/export';
import {commands} from '@keelson/export/commands';
import {FORMAT_NAMES} from '@keelson/exporter';
import type {Fault} from '@keelson/step';
import {bin, describeWith, runBin, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

const exporter = bin('export');

const APP: Tree = {
  'app/Procfile': 'web: node server.js\nworker: node worker.js --queue $QUEUE\n',
  'app/package.json': '{"name": "shop", "version": "1.0.0"}',
  'app/.env': 'SECRET="hunter2\nUser=root"\nPORT=3000\n',
};

async function run(directory: TestDirectory, argv: readonly string[], format = 'systemd') {
  return runBin(exporter, [format, ...argv], {cwd: directory.path});
}

describe('keelson-export systemd', () => {
  test('plans, writes, and then has nothing to do', async () => {
    await using directory = await testdir(APP);
    const flags = ['app', '--out', 'units', '--formation', 'web=2,worker=1', '--user', 'root'];

    const dry = await run(directory, [...flags, '--dry-run']);
    expect(dry.code).toBe(3);
    const summary =
      ['web-1.env', 'web-2.env', 'worker-1.env', 'web-1.service', 'web-2.service', 'worker-1.service']
        .map((file) => `write shop-${file} (new)\n`)
        .join('') + 'write shop.target (new)\n';
    expect(dry.stdout.match(/^write .*\n/gm)!.join('')).toBe(summary);
    expect(dry.stdout).toContain(
      `--- /dev/null\n+++ ${directory.at('units/shop.target')}\n@@ -0,0 +1,9 @@\n`,
    );
    expect(dry.stdout).not.toContain('hunter2');
    expect(await directory.list()).toEqual(Object.keys(APP).sort());

    const done = await run(directory, flags);
    expect([done.code, done.stdout]).toEqual([0, summary]);
    expect(done.stderr).toContain(
      'worker: command is launcher: /bin/sh expands the command and becomes the program',
    );
    const env = await directory.read('units/shop-web-2.env');
    expect(env).toBe(
      '# managed-by: keelson app=shop format=systemd\nPORT="5001"\nSECRET="hunter2\nUser=root"\nPS="web.2"\n',
    );
    const unit = await directory.read('units/shop-web-2.service');
    expect(unit.match(/^(?:User|WorkingDirectory|EnvironmentFile)=.*$/gm)).toEqual([
      'User=root',
      `WorkingDirectory=${directory.at('app')}`,
      `EnvironmentFile=${directory.at('units/shop-web-2.env')}`,
    ]);

    const again = await run(directory, [...flags, '--dry-run']);
    expect([again.code, again.stdout]).toEqual([0, 'nothing to do: 7 files are as they should be\n']);
  });

  test('--json is the plan with what was checked, and holds no value', async () => {
    await using directory = await testdir(APP);
    const {code, stdout, stderr} = await run(directory, ['app', '--out', 'units', '--dry-run', '--json']);
    expect([code, stderr]).toEqual([3, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'export',
      app: 'shop',
      format: 'systemd',
      root: directory.at('units'),
      applied: false,
      checks: [{name: 'read-back', result: 'passed'}, {name: 'systemd-analyze'}],
    });
    expect(stdout).not.toContain('hunter2');
  });

  test('fewer instances take the others away, and nothing of a neighbour', async () => {
    const neighbour = '# managed-by: keelson app=shop-front format=systemd\n';
    await using directory = await testdir({...APP, 'units/shop-front-web-1.service': neighbour});
    await run(directory, ['app', '--out', 'units', '--formation', 'web=3']);
    const {stdout} = await run(directory, ['app', '--out', 'units', '--formation', 'web=1']);
    expect(stdout).toBe(
      [
        'write shop.target (content)',
        ...['web-2.env', 'web-2.service', 'web-3.env', 'web-3.service'].map(
          (file) => `remove shop-${file} (stale)`,
        ),
        '',
      ].join('\n'),
    );
    expect(await directory.list('units')).toEqual([
      'shop-front-web-1.service',
      'shop-web-1.env',
      'shop-web-1.service',
      'shop.target',
    ]);
  });

  test('units name the link, also when the shell stands in it', async () => {
    await using directory = await testdir(
      Object.fromEntries(
        Object.entries(APP).map(([path, file]) => [path.replace('app/', 'releases/1/'), file]),
      ),
    );
    await symlink('releases/1', directory.at('current'));
    await run(directory, ['current', '--out', 'units']);
    const line = `WorkingDirectory=${directory.at('current')}\n`;
    expect(await directory.read('units/shop-web-1.service')).toContain(line);

    const options = {cwd: directory.at('current'), env: {PWD: directory.at('current')}};
    const {code, stdout} = await runBin(exporter, ['systemd', '--out', '../../units'], options);
    expect([code, stdout]).toEqual([0, 'nothing to do: 5 files are as they should be\n']);
  });

  test('--unit-dir says where the units will lie', async () => {
    await using directory = await testdir(APP);
    await run(directory, ['app', '--out', 'units', '--unit-dir', '/etc/systemd/system']);
    expect(await directory.read('units/shop-web-1.service')).toContain(
      'EnvironmentFile=/etc/systemd/system/shop-web-1.env\n',
    );
  });

  test.each([
    [['app'], 2, '--out is missing'],
    [['app', '--out', 'u', '--group', 'x'], 2, '--user'],
    [['none', '--out', 'u'], 1, 'Procfile'],
    [['app', '--out', 'u', '--app', '1'], 2, 'cannot be the name of units'],
    [['app', '--out', 'u', '--user', 'a b'], 1, 'user.name is not the name of a user'],
    [['app', '--out', 'u', '--formation', 'wob=1'], 1, 'wob'],
    [['app', '--out', 'u', '--formation', 'web=x'], 2, '"web=x" is not TYPE=N'],
    [['app', '--out', 'u', '--port', '0'], 2, '--port: 0 is not an integer greater than or equal to 1'],
    [['app', '--out', 'u', '--set', 'wob.cwd=x'], 2, 'there is no process wob'],
    [['app', '--out', 'u', '--set', 'web.cwdd=x'], 1, 'processes.0.cwdd is not known'],
    [['app', '--out', 'u', '--set', 'web'], 2, 'not PROCESS.FIELD=VALUE'],
    [['app', '--out', 'u', '--log', 'x.log'], 2, '--log: x.log is not an absolute path'],
    [['app', '--install', '--uninstall'], 2, '--install'],
  ])('%j ends with a plain sentence and writes nothing', async (argv, code, said) => {
    await using directory = await testdir(APP);
    const result = await run(directory, argv);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(said);
    expect(result.stderr).not.toMatch(/^ {4}at /m);
    expect(await directory.list()).toEqual(Object.keys(APP).sort());
  });
});

describe('every format', () => {
  test.each(FORMAT_NAMES)(
    '%s writes, knows its own files again, and takes back exactly them',
    async (format) => {
      expect(Object.keys(commands)).toContain(format);
      const neighbour = `# managed-by: keelson app=shop-front format=${format}\n`;
      await using directory = await testdir({...APP, 'image/opt/units/shop-front-web-1.conf': neighbour});
      const before = await directory.list();
      const [dir, root, unitDir] = [directory.at('app'), directory.at('image'), '/opt/units'];
      const install = (dryRun: boolean) =>
        exportApp(dir, {
          format,
          dryRun,
          to: {install: true, root},
          check: {verify: false},
          model: {user: {name: 'root'}, formation: 'web=2,worker=1', paths: {unitDir}},
          // Compose, which nobody is told of, shows what is said without one.
          set: ['web.stop.signal=SIGINT', ...(format === 'compose' ? [] : ['app.image=shop:1'])],
        });
      const uninstall = () => uninstallApp(dir, {format, root, unitDir});
      const done: unknown[] = [];
      for (const step of [
        () => install(true),
        () => install(false),
        () => install(true),
        uninstall,
        uninstall,
      ])
        done.push(
          await step().then(
            ({unchanging}) => unchanging,
            (error: Fault) => error.code,
          ),
        );
      const handedOver = format === 'json' || format === 'compose';
      const shown = done.map((one) => (String(one).startsWith('EXPORT_') ? 'refused' : one));
      const refused = done.map(() => 'refused');
      expect([format, shown]).toEqual([format, handedOver ? refused : [false, false, true, false, true]]);
      expect(await directory.list()).toEqual(before);
    },
  );

  test('--log, --pidfile, --limit-*, --sysctl, --set and --node become fields of the model', async () => {
    await using directory = await testdir(APP);
    const flags = [
      '--log',
      '/var/log/shop-{n}.log',
      '--pidfile',
      '/run/shop-{n}.pid',
      '--limit-nofile',
      '4096',
    ];
    const more = [
      '--sysctl',
      'net.core.somaxconn=1024',
      '--set',
      'web.harden=none',
      '--node',
      process.execPath,
    ];
    const {code} = await run(directory, ['app', '--out', 'u', '--no-verify', ...flags, ...more]);
    expect(code).toBe(0);
    const unit = await directory.read('u/shop-web-1.service');
    expect(unit).toContain('StandardOutput=append:/var/log/shop-1.log\n');
    expect(unit).toContain('LimitNOFILE=4096\n');
    expect(unit).toContain('-q -w "net.core.somaxconn=1024"\n');
    expect(unit).toContain(`ExecStart="${process.execPath}" "server.js"\n`);
    expect(unit).not.toContain('NoNewPrivileges');
  });

  test('--strict fails where the format has no word for something', async () => {
    await using directory = await testdir(APP);
    const asked = ['app', '--out', 'u', '--strict', '--set', 'web.limits.memoryMax=100000000'];
    const {code, stderr} = await run(directory, asked, 'runit');
    expect([code, stderr]).toEqual([1, expect.stringContaining('web: limits.memoryMax')]);
    expect(await directory.list()).toEqual(Object.keys(APP).sort());
  });
});

describeWith(['systemd-analyze'], 'keelson-export and systemd-analyze', () => {
  test('a program that is not there stops the export; --no-verify writes it anyway', async () => {
    await using directory = await testdir({...APP, 'app/Procfile': 'web: ./bin/server\n'});
    const refused = await run(directory, ['app', '--out', 'units']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      `shop-web-1.service: Command ${directory.at('app/bin/server')} is not executable`,
    );
    expect(await directory.list()).toEqual(Object.keys(APP).sort());
    const {code} = await run(directory, ['app', '--out', 'units', '--no-verify']);
    expect(code).toBe(0);
  });
});
