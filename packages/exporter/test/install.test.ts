import {stat} from 'node:fs/promises';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {
  applyInstall,
  planInstall,
  readInstalled,
  renderUnits,
  type InstallPlan,
  type ServiceModel,
  type UnitFile,
} from '@keelson/exporter';
import {faultOf, testdir, type Tree} from '@keelson/test-kit';

const marked = (app: string) => `# managed-by: keelson app=${app} format=systemd\n[Unit]\n`;

async function render(name = 'shop', instances = 1): Promise<readonly UnitFile[]> {
  const model: ServiceModel = {
    schema: 1,
    name,
    root: '/srv',
    processes: [{name: 'web', command: '/bin/app', instances, env: {A: '1'}}],
  };
  return (await renderUnits('systemd', model)).files;
}

async function plan(root: string, files: readonly UnitFile[], app = 'shop'): Promise<InstallPlan> {
  return planInstall({root, format: 'systemd', app, files, existing: await readInstalled(root, app, files)});
}

const changes = ({changes: all}: InstallPlan) => all.map(({op, path, because}) => `${op} ${path} ${because}`);

describe('planInstall and applyInstall', () => {
  test('write what is missing, with its mode; a second plan has nothing to do', async () => {
    await using directory = await testdir();
    const root = join(directory.path, 'a/b');
    const files = await render();
    const first = await plan(root, files);
    expect(changes(first)).toEqual([
      'write shop-web-1.env new',
      'write shop-web-1.service new',
      'write shop.target new',
    ]);
    const events: string[] = [];
    await applyInstall(first, files, {
      onEvent: (event) => 'path' in event && events.push(`${event.type} ${event.path}`),
    });
    expect(events).toEqual([
      `export:wrote ${root}/shop-web-1.env`,
      `export:wrote ${root}/shop-web-1.service`,
      `export:wrote ${root}/shop.target`,
    ]);
    expect(await directory.list('a/b')).toEqual(['shop-web-1.env', 'shop-web-1.service', 'shop.target']);
    expect((await stat(join(root, 'shop-web-1.env'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, 'shop.target'))).mode & 0o777).toBe(0o644);
    expect(await plan(root, files)).toEqual({
      kind: 'install-plan',
      format: 'systemd',
      app: 'shop',
      kept: [],
      root,
      changes: [],
      unchanged: 3,
    });
  });

  test('say why a file is written again', async () => {
    await using directory = await testdir();
    const files = await render();
    await applyInstall(await plan(directory.path, files), files);
    await directory.write({
      'shop.target': `${marked('shop')}old`,
      'shop-web-1.env': {mode: 0o644, content: files[0]!.content},
    });
    expect(changes(await plan(directory.path, files))).toEqual([
      'write shop-web-1.env mode',
      'write shop.target content',
    ]);
  });

  test('remove what the app no longer has, and nothing of a neighbour', async () => {
    const neighbours: Tree = {
      'shop-web-9.service': 'no marker',
      'shop-old-1.service': marked('shop-old'),
      'shopping.target': marked('shopping'),
      'shop-other.conf': marked('shop').replace('systemd', 'runit'),
      'shop-late-1.service': `[Unit]\n${marked('shop')}`,
    };
    await using directory = await testdir(neighbours);
    const three = await render('shop', 3);
    await applyInstall(await plan(directory.path, three), three);
    const one = await render('shop', 1);
    const fewer = await plan(directory.path, one);
    expect(changes(fewer)).toEqual(
      ['shop-web-2.env', 'shop-web-2.service', 'shop-web-3.env', 'shop-web-3.service']
        .map((path) => `remove ${path} stale`)
        .toSpliced(0, 0, 'write shop.target content'),
    );
    await applyInstall(fewer, one);
    expect(await directory.list()).toEqual([...Object.keys(neighbours), ...one.map(({path}) => path)].sort());
  });

  test.each<[string, Tree, string]>([
    ['without our marker', {'shop.target': '[Unit]\n'}, 'was not written by an export'],
    ['of another app', {'shop.target': marked('shopping')}, 'belongs to app shopping'],
    ['that is a link', {'shop.target': {link: '/dev/null'}}, 'was not written by an export'],
    ['that is a directory', {'shop.target/': ''}, 'was not written by an export'],
  ])('refuse to write over a file %s', async (_, tree, because) => {
    await using directory = await testdir(tree);
    const fault = await faultOf(plan(directory.path, await render()));
    expect(fault).toMatchObject({code: 'EXPORT_FOREIGN_FILE'});
    expect(fault.message).toContain(because);
  });

  test('refuse to remove a file that became someone else’s after the plan', async () => {
    await using directory = await testdir({'shop-x-1.service': marked('shop')});
    const files = await render();
    const made = await plan(directory.path, files);
    await directory.write({'shop-x-1.service': 'mine now'});
    expect(await faultOf(applyInstall(made, files))).toMatchObject({code: 'EXPORT_FOREIGN_FILE'});
    expect(await directory.read('shop-x-1.service')).toBe('mine now');
  });

  test('refuse a path that leaves the directory', async () => {
    await using directory = await testdir();
    const files = [{path: '../x', content: 'x', mode: 0o644}];
    const made = planInstall({root: directory.path, format: 'systemd', app: 'shop', files, existing: []});
    expect(await faultOf(applyInstall(made, files))).toMatchObject({code: 'PATH_OUTSIDE'});
  });

  test('say where no directory can be made', async () => {
    const files = await render();
    const made = planInstall({root: '/proc/keelson', format: 'systemd', app: 'shop', files, existing: []});
    await expect(applyInstall(made, files)).rejects.toThrow(/ENOENT.*\/proc\/keelson/);
  });

  test('a plan holds no value', async () => {
    const files = await render();
    expect(JSON.stringify(await plan('/nowhere', files))).not.toContain('A=');
  });

  test('reject with the reason of the signal and write nothing', async () => {
    await using directory = await testdir();
    const files = await render();
    const reason = new Error('enough');
    const made = await plan(directory.path, files);
    await expect(applyInstall(made, files, {signal: AbortSignal.abort(reason)})).rejects.toBe(reason);
    expect(await directory.list()).toEqual([]);
  });
});
