import {afterAll, expect, test} from '@jest/globals';
import {describeWith} from '@keelson/test-kit';
import {otherManager} from './other-manager.ts';
import {NPM_ROOT, removeVendor, repository, rmOthers, started, STARTED} from './workspaces.ts';

afterAll(removeVendor);

const yarn = otherManager('yarn', '1.22.22');
const berry = otherManager('yarn', '4.18.1');

describeWith([yarn.program], 'one workspace of several, with nothing but what it needs: yarn 1', () => {
  test('runs elsewhere', async () => {
    await using dir = await repository('*', {...NPM_ROOT, packageManager: yarn.field}, (cwd) =>
      yarn.run(cwd, 'install', '--ignore-scripts', '--no-progress'),
    );
    rmOthers(dir, 'pnpm-workspace.yaml', '.yarnrc.yml');
    expect(await started(dir)).toEqual(STARTED);
  });
});

describeWith([berry.program], 'one workspace of several, with nothing but what it needs: yarn 4', () => {
  test('runs elsewhere', async () => {
    await using dir = await repository('workspace:*', {...NPM_ROOT, packageManager: berry.field}, (cwd) =>
      berry.run(cwd, 'install', '--mode=update-lockfile'),
    );
    rmOthers(dir, 'pnpm-workspace.yaml');
    expect(await started(dir)).toEqual(STARTED);
  });
});
