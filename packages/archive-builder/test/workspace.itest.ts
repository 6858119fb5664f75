import {execFileSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {afterAll, describe, expect, test} from '@jest/globals';
import {openArchive} from '@keelson/archive';
import {planBuild} from '@keelson/archive-builder';
import {parseSource} from '@keelson/source';
import {isFault} from '@keelson/step';
import {describeWith, faultOf, testdir} from '@keelson/test-kit';
import {otherManager} from './other-manager.ts';
import {build, NPM_ROOT, removeVendor, repository, rmOthers, started, STARTED} from './workspaces.ts';

afterAll(removeVendor);

const npm = () =>
  repository('*', NPM_ROOT, (cwd) =>
    execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], {cwd, stdio: 'pipe'}),
  );
const pnpm = otherManager('pnpm', '12.21.0');

// Those of yarn are in the soak.
describe('one workspace of several, with nothing but what it needs', () => {
  test('npm', async () => {
    await using dir = await npm();
    rmOthers(dir, 'pnpm-workspace.yaml', '.yarnrc.yml');
    expect(await started(dir)).toEqual(STARTED);
  });

  describeWith([pnpm.program], 'pnpm', () => {
    test('runs elsewhere', async () => {
      await using dir = await repository('workspace:*', {packageManager: pnpm.field}, (cwd) =>
        pnpm.run(cwd, 'install', '--lockfile-only'),
      );
      expect(await started(dir)).toEqual(STARTED);
    });
  });
});

describe('--workspace', () => {
  test('takes a place, a name, or the end of either; what it cannot tell it names', async () => {
    await using dir = await testdir({
      'package.json': '{"private": true, "workspaces": ["*/*"]}',
      'package-lock.json': '{}',
      'apps/api/package.json': '{"name": "@all/first", "version": "1.0.0"}',
      'other/api/package.json': '{"name": "@all/second", "version": "1.0.0"}',
    });
    const name = async (workspace: string | undefined, source = dir.path) => {
      try {
        return (await planBuild(parseSource(source), {workspace})).name;
      } catch (error) {
        if (!isFault(error)) throw error;
        return `${error.message} ${error.hint}`;
      }
    };
    expect(await name('apps/api')).toBe('@all/first');
    expect(await name('./other/api/')).toBe('@all/second');
    expect(await name('@all/second')).toBe('@all/second');
    expect(await name('first')).toBe('@all/first');
    expect(await name('api')).toMatch(
      /several workspaces "api".*@all\/first \(apps\/api\), @all\/second \(other\/api\)/,
    );
    expect(await name('nope')).toMatch(/no workspace "nope".*@all\/first \(apps\/api\)/);
    await dir.write({'apps/api/package.json': '{"name": "api", "dependencies": {"dep": "1"}}'});
    expect(await name(undefined, dir.at('apps/api'))).toBe(
      `${dir.at('apps/api')} has dependencies and no lockfile, so nobody knows what would be installed ` +
        `It seems to be a workspace of ${dir.path}: build that, with --workspace apps/api.`,
    );
  });

  test('a secret in a workspace that it needs stops the build; a dependency that is not installed, too', async () => {
    await using dir = await npm();
    rmOthers(dir, 'pnpm-workspace.yaml', '.yarnrc.yml');
    await dir.write({'packages/deep/store.p12': ''});
    expect(await faultOf(build(dir, {workspace: 'api'}))).toMatchObject({
      code: 'BUILD_SECRET',
      message: expect.stringContaining('packages/deep/store.p12: a key store'),
    });
    const contents = {allowSecrets: ['packages/deep/store.p12']};
    expect(await build(dir, {workspace: 'api', contents})).toMatchObject({kind: 'archive'});
    rmSync(dir.at('api.tgz'));
    expect(await faultOf(build(dir, {workspace: 'api', install: false, scripts: []}))).toMatchObject({
      code: 'BUILD_WORKSPACE',
      message: 'apps/api depends on dep, which is not installed',
    });
    expect(await dir.list()).not.toContain('api.tgz');
    expect((await openArchive((await build(dir, {workspace: 'web', scripts: []})).path)).manifest.name).toBe(
      '@all/web',
    );
  });
});
