import {chmod, chown, lchown, rename, symlink} from 'node:fs/promises';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {ejectTemplates, exportApp, type ExportOptions} from '@keelson/export';
import {faultOf, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

const APP: Tree = {
  'app/Procfile': 'web: node server.js\nworker: cd lib && node worker.js\n',
  'app/server.js': '',
};

type Asked = Partial<Omit<ExportOptions, 'to' | 'format'>> & {readonly port?: number; readonly user?: string};

async function exported(directory: TestDirectory, {port, user = 'shop', ...asked}: Asked = {}) {
  const notes: string[] = [];
  const done = await exportApp(directory.at('app'), {
    format: 'systemd',
    to: {out: directory.at('units')},
    check: {verify: false},
    model: {app: 'shop', port, user: {name: user}, ...asked.model},
    onEvent: (event) => 'line' in event && notes.push(event.line),
    ...asked,
  });
  return {done, notes, web: () => directory.read('units/shop-web-1.service')};
}

describe('a port below 1024', () => {
  test('gives an account that is not root the capability, and says so', async () => {
    await using directory = await testdir(APP);
    const {notes, web} = await exported(directory, {port: 80});
    expect(await web()).toContain('AmbientCapabilities=CAP_NET_BIND_SERVICE\n');
    expect(notes).toContain('web: port 80 is below 1024: shop gets CAP_NET_BIND_SERVICE');
  });

  test.each<[string, Asked]>([
    ['root', {port: 80, user: 'root'}],
    ['a higher port', {port: 1024}],
    ['a socket that systemd holds', {port: 80, set: ['web.sockets=[{"listen":"{port}"}]']}],
  ])('not for %s', async (_, asked) => {
    await using directory = await testdir(APP);
    expect(await (await exported(directory, asked)).web()).not.toContain('Capabilities');
  });
});

describe('--node', () => {
  test.each([process.versions.node, `v${process.versions.node}`, process.versions.node.split('.')[0]!])(
    '%s is a Node that is installed here',
    async (node) => {
      await using directory = await testdir(APP);
      const {web} = await exported(directory, {model: {user: {name: 'shop'}, app: 'shop', paths: {node}}});
      expect(await web()).toMatch(/^ExecStart="\/.*\/node" "server.js"$/m);
    },
  );

  test.each(['1.2.3', '/none/node', 'twenty'])('%s is not', async (node) => {
    await using directory = await testdir(APP);
    const fault = await faultOf(exported(directory, {model: {paths: {node}}}));
    expect([fault.code, fault.message]).toEqual(['EXPORT_NODE', expect.stringContaining(node)]);
  });
});

describe('--runner', () => {
  const beside = join(import.meta.dirname, '../../keelson/bin/keelson.js');
  const stub = {mode: 0o755, content: '#!/bin/sh\n'};

  test('supervisor: web below keelson-run, which tells systemd; the others as they are', async () => {
    await using directory = await testdir({...APP, 'app/node_modules/.bin/keelson-run': stub});
    const {web} = await exported(directory, {runner: {kind: 'supervisor'}});
    const program = directory.at('app/node_modules/.bin/keelson-run');
    expect(await web()).toContain(
      `ExecStart="${program}" "--env" "/dev/null" "--host" "0.0.0.0" "--grace" "30" "--" "node" "server.js"\n`,
    );
    expect(await web()).toMatch(/^Type=notify$[^]*^NotifyAccess=all$[^]*^ExecReload=.*HUP/m);
    const worker = await directory.read('units/shop-worker-1.service');
    expect(worker).toMatch(/^Type=exec$[^]*^KillMode=control-group$/m);
  });

  test('foreman: one service for all', async () => {
    await using directory = await testdir({...APP, 'app/node_modules/.bin/keelson-foreman': stub});
    const asked = {formation: 'web=2,worker=1', user: {name: 'shop'}, app: 'shop'};
    const {done} = await exported(directory, {runner: {kind: 'foreman'}, model: asked});
    expect(done.changes.map(({path}) => path)).toEqual([
      'shop-all-1.env',
      'shop-all-1.service',
      'shop.target',
    ]);
    const unit = await directory.read('units/shop-all-1.service');
    expect(unit).toContain(
      `"--root" "${directory.at('app')}" "--formation" "web=2,worker=1" "--port" "5000"`,
    );
  });

  test('what is installed beside the program that exports is found; elsewhere it is missed', async () => {
    await using directory = await testdir(APP);
    const {web} = await exported(directory, {runner: {kind: 'supervisor', exporter: beside}});
    expect(await web()).toMatch(/^ExecStart=".*\/node" ".*keelson-run\.js" "--env"/m);
    const missed = exported(directory, {
      runner: {kind: 'supervisor', exporter: directory.at('app/server.js')},
    });
    expect(await faultOf(missed)).toMatchObject({code: 'EXPORT_RUNNER'});
  });
});

test('{process} and {n} name the files of each instance', async () => {
  await using directory = await testdir(APP);
  const set = ['all.logs.output={"file":"/var/log/{process}-{n}.log"}', 'all.pidfile=/run/{process}-{n}.pid'];
  await exported(directory, {set});
  const worker = await directory.read('units/shop-worker-1.service');
  expect(worker).toContain('StandardOutput=append:/var/log/worker-1.log\n');
  expect(worker).toContain('"/run/worker-1.pid"');
});

describe('templates', () => {
  test('ejected ones of the app are used, after those that are given, and never written over', async () => {
    await using directory = await testdir(APP);
    const to = directory.at('app/.keelson/templates');
    const {files} = await ejectTemplates('systemd', {to});
    expect(files).toContain(join(to, 'systemd/service.hbs'));
    const change = async (folder: string, nice: number) => {
      const path = `${folder}/systemd/service.hbs`;
      await directory.write({
        [path]: (await directory.read(path)).replace('KillMode', `Nice=${nice}\nKillMode`),
      });
    };
    await change('app/.keelson/templates', 3);
    const own = await exported(directory);
    expect(await own.web()).toContain('Nice=3\n');
    expect(own.notes).toContain(`templates of ${to}/systemd are used`);

    await ejectTemplates('systemd', {to: directory.at('given')});
    await change('given', 4);
    expect(await (await exported(directory, {templates: [directory.at('given')]})).web()).toContain(
      'Nice=4\n',
    );
    expect(await faultOf(ejectTemplates('systemd', {to}))).toMatchObject({code: 'EXPORT_TEMPLATE'});
  });

  test.each([
    [
      'a directory without templates',
      (directory: TestDirectory) => exported(directory, {templates: ['/none']}),
    ],
    ['a format without templates', () => ejectTemplates('json', {to: '/none'})],
    ['a format that there is not', () => ejectTemplates('sytemd' as 'systemd', {to: '/none'})],
  ])('%s is said', async (_, asked) => {
    await using directory = await testdir(APP);
    expect(await faultOf(Promise.resolve(asked(directory)))).toMatchObject({code: 'EXPORT_TEMPLATE'});
  });
});

const describeAsRoot = process.geteuid?.() === 0 ? describe : describe.skip;
describeAsRoot('templates of the app that root exports', () => {
  test.each<[string, string, (path: string) => Promise<void>]>([
    ['a template', 'systemd/service.hbs', (path) => chown(path, 1234, 1234)],
    ['the directory of templates', '', (path) => chown(path, 1234, 1234)],
    ['a link', 'systemd/target.hbs', (path) => lchown(path, 1234, 1234)],
    ['a template that everybody may write to', 'systemd/service.hbs', (path) => chmod(path, 0o666)],
  ])('%s of somebody else is not used', async (_, name, change) => {
    await using directory = await testdir(APP);
    const to = directory.at('app/.keelson/templates');
    await ejectTemplates('systemd', {to});
    await rename(join(to, 'systemd/target.hbs'), directory.at('target'));
    await symlink(directory.at('target'), join(to, 'systemd/target.hbs'));
    await exported(directory);
    await change(join(to, name));
    const fault = await faultOf(exported(directory));
    expect([fault.code, fault.message]).toEqual([
      'EXPORT_TEMPLATE',
      expect.stringMatching(`^root does not use ${join(to, name).replace(/[/]$/, '')}: `),
    ]);
    expect(fault.hint).toContain(`--template ${to}`);
    // Who names them has looked at them.
    await exported(directory, {templates: [to]});
  });

  test('they are for the account that they belong to, when that one asked', async () => {
    await using directory = await testdir(APP);
    const to = directory.at('app/.keelson/templates');
    await ejectTemplates('systemd', {to});
    await chown(join(to, 'systemd/service.hbs'), 1234, 1234);
    await exported(directory, {check: {verify: false, caller: 1234}});
    expect(await faultOf(exported(directory, {check: {verify: false, caller: 1235}}))).toMatchObject({
      code: 'EXPORT_TEMPLATE',
    });
  });
});

describe('what would only fail later', () => {
  const install = (directory: TestDirectory, model: ExportOptions['model'], root?: string) =>
    exportApp(directory.at('app'), {format: 'systemd', to: {install: true, root}, dryRun: true, model});

  test.each([
    ['a user', {user: {name: 'no-such-user'}}],
    ['a group', {user: {name: 'root', group: 'no-such-group'}}],
  ])('%s that does not exist', async (_, model) => {
    await using directory = await testdir(APP);
    expect(await faultOf(install(directory, model))).toMatchObject({code: 'EXPORT_ACCOUNT'});
  });

  test('accounts are those of the root that is installed into', async () => {
    await using directory = await testdir({...APP, 'image/etc/passwd': 'shop:x:1000:1000::/:/bin/sh\n'});
    const model = {paths: {node: process.execPath}};
    const done = await install(directory, {...model, user: {name: 'shop'}}, directory.at('image'));
    expect(done.applied).toBe(false);
    const other = install(directory, {...model, user: {name: 'www-data'}}, directory.at('image'));
    expect(await faultOf(other)).toMatchObject({code: 'EXPORT_ACCOUNT'});
  });

  test('a formation of nothing', async () => {
    await using directory = await testdir(APP);
    expect(await faultOf(exported(directory, {model: {formation: 'all=0'}}))).toMatchObject({
      code: 'EXPORT_NOTHING',
    });
  });

  test('a directory that is closed to the account, that of a runner too', async () => {
    const runner = {mode: 0o755, content: '#!/bin/sh\n'};
    await using directory = await testdir({...APP, 'app/node_modules/.bin/keelson-run': runner});
    await chmod(directory.path, 0o700);
    await chmod(directory.at('app/node_modules'), 0o700);
    const notes: string[] = [];
    await exportApp(directory.at('app'), {
      format: 'systemd',
      to: {install: true},
      dryRun: true,
      model: {user: {name: 'daemon'}},
      runner: {kind: 'supervisor'},
      onEvent: (event) => 'line' in event && notes.push(event.line),
    });
    for (const closed of [directory.path, directory.at('app/node_modules')])
      expect(notes).toContain(`${closed} is closed to daemon: the processes will not start`);
  });

  test('a directory that does not exist, or is a file', async () => {
    await using directory = await testdir(APP);
    for (const dir of ['none', 'app/Procfile'])
      expect(
        await faultOf(exportApp(directory.at(dir), {format: 'systemd', to: {out: directory.at('units')}})),
      ).toMatchObject({code: 'EXPORT_DIR'});
  });

  test('a place that cannot be written', async () => {
    await using directory = await testdir(APP);
    const to = {out: directory.at('app/Procfile/units')};
    const fault = await faultOf(
      exportApp(directory.at('app'), {format: 'systemd', to, check: {verify: false}}),
    );
    expect([fault.code, fault.message]).toEqual(['EXPORT_WRITE', expect.stringContaining(to.out)]);
  });
});
