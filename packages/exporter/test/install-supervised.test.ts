import {expect, test} from '@jest/globals';
import {applyInstall, planInstall, readInstalled, renderUnits, type ServiceModel} from '@keelson/exporter';
import {testdir} from '@keelson/test-kit';

const model: ServiceModel = {
  schema: 1,
  name: 'shop',
  root: '/srv',
  processes: [{name: 'web', command: '/bin/app', stop: {scope: 'group'}}],
};

test.each(['runit', 's6', 'daemontools'] as const)(
  'what %s keeps in the directory of a running service stays when it is installed again',
  async (format) => {
    await using directory = await testdir();
    const {files} = await renderUnits(format, model);
    const plan = async () => {
      const existing = await readInstalled(directory.path, 'shop', files);
      return planInstall({root: directory.path, format, app: 'shop', files, existing});
    };
    await applyInstall(await plan(), files);
    const kept = ['supervise/status', 'supervise/control', 'event/x', 'log/supervise/lock'];
    await directory.write(Object.fromEntries(kept.map((path) => [`shop-web-1/${path}`, 'x'])));
    expect((await plan()).changes).toEqual([]);
  },
);
