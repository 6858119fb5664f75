import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {describe, expect, test} from '@jest/globals';
import {install, packageManagerVersion, prune, rebuild} from '@keelson/package-manager';
import {testdir} from '@keelson/test-kit';
import {fetched} from './fetched.ts';

const MARK = `node -e "require('fs').writeFileSync('ran.txt', '')"`;

fetched('npm@12.2.0', 'npm');
const version = execFileSync('npm', ['--version'], {
  encoding: 'utf8',
  env: process.env,
  stdio: 'pipe',
}).trim();

// npm 12 blocks scripts: a plain `npm rebuild` says "rebuilt dependencies successfully", exits 0 and has done nothing.
describe(`npm ${version}`, () => {
  test('rebuild runs the scripts of the named packages, and of no others', async () => {
    await using dir = await testdir({
      'dep/package.json': JSON.stringify({name: 'dep', version: '1.0.0', scripts: {install: MARK}}),
      'other/package.json': JSON.stringify({name: 'other', version: '1.0.0', scripts: {install: MARK}}),
      'app/package.json': JSON.stringify({
        name: 'app',
        scripts: {install: MARK},
        dependencies: {dep: 'file:../dep-1.0.0.tgz'},
        devDependencies: {other: 'file:../other-1.0.0.tgz'},
      }),
    });
    const npm = (cwd: string, ...args: string[]) =>
      execFileSync('npm', args, {cwd, env: process.env, stdio: 'pipe'});
    for (const name of ['dep', 'other']) npm(dir.at(name), 'pack', '--pack-destination', dir.path);
    npm(dir.at('app'), 'install', '--package-lock-only', '--no-audit', '--ignore-scripts');
    expect(await packageManagerVersion(dir.at('app'))).toBe(version);
    await install(dir.at('app'));
    await rebuild(dir.at('app'), ['dep']);
    const ran = (path: string) => existsSync(dir.at(`app/${path}/ran.txt`));
    expect(['node_modules/dep', 'node_modules/other', '.'].filter(ran)).toEqual(['node_modules/dep']);
    await prune(dir.at('app'));
    expect(existsSync(dir.at('app/node_modules/other'))).toBe(false);
  });
});
