import {readdir, readlink} from 'node:fs/promises';

import {expect, test} from '@jest/globals';
import {
  applyAppInstall,
  type Format,
  planAppInstall,
  renderUnits,
  type ServiceModel,
} from '@keelson/exporter';
import {faultOf, testdir, type TestDirectory} from '@keelson/test-kit';

async function install(directory: TestDirectory, format: Format, types: readonly string[]) {
  const logs = {output: {file: '/var/log/shop/web-{n}.log'}};
  const processes = types.map((name) => ({name, command: '/bin/app', logs}));
  const model: ServiceModel = {schema: 1, name: 'shop', root: '/srv', processes};
  const {files, directories} =
    types.length === 0 ? {files: [], directories: []} : await renderUnits(format, model);
  const planned = await planAppInstall({format, app: 'shop', files, directories, root: directory.path});
  await applyAppInstall(planned);
  return planned.plan.changes;
}

const everything = async ({path}: TestDirectory) => (await readdir(path, {recursive: true})).sort();

const LINKS: readonly (readonly [Format, string, string, string])[] = [
  ['systemd', 'etc/systemd/system/multi-user.target.wants', 'shop.target', '/etc/systemd/system/shop.target'],
  ['runit', 'etc/service', 'shop-web-1', '/etc/sv/shop-web-1'],
  ['runit', 'etc/runit/runsvdir/default', 'shop-web-1', '/etc/sv/shop-web-1'],
  ['daemontools', 'etc/service', 'shop-web-1', '/etc/sv/shop-web-1'],
  ['openrc', 'etc/runlevels/default', 'shop-web-1', '/etc/init.d/shop-web-1'],
  ['monit', 'etc/monit/conf.d', 'shop.conf', '/etc/keelson/monit/shop.monitrc'],
];

test.each(LINKS)('an image for %s gets its links in %s, and loses them', async (format, into, name, to) => {
  for (const tree of into.includes('runsvdir') ? [{[`${into}/`]: ''}] : [{}, {[`${into}/`]: ''}]) {
    await using directory = await testdir(tree);
    const before = await everything(directory);
    await install(directory, format, ['web', 'worker']);
    expect(await readlink(directory.at(`${into}/${name}`))).toBe(to);
    expect(await install(directory, format, ['web', 'worker'])).toEqual([]);
    await install(directory, format, ['web']);
    expect(await directory.list(into)).toEqual([name]);
    await install(directory, format, []);
    expect(await everything(directory)).toEqual(before);
  }
});

test.each(['systemd', 'supervisord', 'launchd'] as const)(
  'the directory of a log is there before %s looks for it; what holds a log stays',
  async (format) => {
    await using directory = await testdir({'etc/': ''});
    const before = await everything(directory);
    await install(directory, format, ['web']);
    expect(await everything(directory)).toContain('var/log/shop');
    await install(directory, format, []);
    expect(await everything(directory)).toEqual(before);
    await install(directory, format, ['web']);
    await directory.write({'var/log/shop/web-1.log': 'x'});
    await install(directory, format, []);
    expect(await directory.list()).toEqual(['var/log/shop/web-1.log']);
  },
);

test('a name that a unit of the system has is refused, wherever it lies', async () => {
  await using directory = await testdir({'usr/lib/systemd/system/shop.target': '[Unit]\n'});
  expect(await faultOf(install(directory, 'systemd', ['web']))).toMatchObject({
    code: 'EXPORT_FOREIGN_FILE',
    message: expect.stringContaining('/usr/lib/systemd/system/shop.target is there'),
  });
  expect(await directory.list()).toEqual(['usr/lib/systemd/system/shop.target']);
});
