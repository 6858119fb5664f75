import {describe, expect, test} from '@jest/globals';
import {detectPackageManager} from '@keelson/package-manager';
import {faultOf, testdir} from '@keelson/test-kit';

const BERRY = '# This file is generated\n\n__metadata:\n  version: 8\n';

const LINKED = "compressionLevel: mixed\n\nnodeLinker: 'node-modules' # no PnP\n";

type Case = readonly [title: string, files: Readonly<Record<string, string>>, asked: string | undefined];

const FOUND: readonly (readonly [...Case, object])[] = [
  ['nothing says otherwise', {}, undefined, {name: 'npm', version: undefined, lockfile: undefined}],
  ['package-lock.json', {'package-lock.json': '{}'}, undefined, {name: 'npm', lockfile: 'package-lock.json'}],
  [
    'npm-shrinkwrap.json',
    {'npm-shrinkwrap.json': '{}'},
    undefined,
    {name: 'npm', lockfile: 'npm-shrinkwrap.json'},
  ],
  [
    'both of npm: the one npm reads',
    {'npm-shrinkwrap.json': '{}', 'package-lock.json': '{}'},
    undefined,
    {name: 'npm', lockfile: 'npm-shrinkwrap.json'},
  ],
  ['pnpm-lock.yaml', {'pnpm-lock.yaml': ''}, undefined, {name: 'pnpm', lockfile: 'pnpm-lock.yaml'}],
  ['yarn.lock', {'yarn.lock': '# yarn lockfile v1\n'}, undefined, {name: 'yarn', lockfile: 'yarn.lock'}],
  [
    'yarn 2 without a node_modules folder',
    {'yarn.lock': BERRY},
    undefined,
    {name: 'yarn', lockfile: 'yarn.lock', berry: true, pnp: true},
  ],
  ['the field', {}, 'pnpm@10.1.0', {name: 'pnpm', version: '10.1.0', lockfile: undefined}],
  ['the field with a hash', {}, 'npm@11.0.0+sha512.abc', {name: 'npm', version: '11.0.0'}],
  ['the field with a pre-release', {}, 'npm@12.0.0-pre.1', {name: 'npm', version: '12.0.0-pre.1'}],
  ['yarn 1 by the field', {'.yarnrc.yml': ''}, 'yarn@1.22.22', {name: 'yarn', version: '1.22.22'}],
  [
    'yarn 2 by its lockfile',
    {'yarn.lock': BERRY, '.yarnrc.yml': LINKED},
    undefined,
    {name: 'yarn', berry: true},
  ],
  [
    'yarn 4 by the field',
    {'.yarnrc.yml': LINKED},
    'yarn@4.1.0',
    {name: 'yarn', version: '4.1.0', berry: true},
  ],
  [
    'both, in agreement',
    {'pnpm-lock.yaml': ''},
    'pnpm@9.0.0',
    {name: 'pnpm', version: '9.0.0', lockfile: 'pnpm-lock.yaml'},
  ],
];

const REFUSED: readonly (readonly [...Case, code: string, message: RegExp])[] = [
  [
    'two lockfiles',
    {'package-lock.json': '{}', 'yarn.lock': ''},
    undefined,
    'PM_AMBIGUOUS',
    /package-lock.json, yarn.lock$/,
  ],
  [
    'two lockfiles, even when the field decides',
    {'package-lock.json': '{}', 'pnpm-lock.yaml': ''},
    'pnpm@10.0.0',
    'PM_AMBIGUOUS',
    /package-lock.json, pnpm-lock.yaml$/,
  ],
  [
    "another's lockfile",
    {'package-lock.json': '{}'},
    'pnpm@10.0.0',
    'PM_AMBIGUOUS',
    /asks for pnpm@10.0.0, but package-lock.json is npm's$/,
  ],
  ['bun', {'bun.lock': ''}, undefined, 'PM_UNSUPPORTED', /uses bun/],
  ['bun by the field', {}, 'bun@1.0.0', 'PM_UNSUPPORTED', /uses bun/],
  [
    'yarn 2 with the linker of pnpm',
    {'.yarnrc.yml': 'nodeLinker: pnpm\n'},
    'yarn@4.1.0',
    'PM_UNSUPPORTED',
    /uses yarn with nodeLinker pnpm/,
  ],
  ['a range', {}, 'npm@^11', 'PM_UNSUPPORTED', /packageManager is "npm@\^11"/],
  ['a bare name', {}, 'npm', 'PM_UNSUPPORTED', /packageManager is "npm"/],
];

function tree(files: Readonly<Record<string, string>>, packageManager: string | undefined) {
  return {...files, 'package.json': JSON.stringify({name: 'app', packageManager})};
}

describe('detectPackageManager', () => {
  test.each(FOUND)('%s', async (_title, files, asked, expected) => {
    await using dir = await testdir(tree(files, asked));
    expect(await detectPackageManager(dir.path)).toMatchObject({kind: 'package-manager', ...expected});
  });

  test.each(REFUSED)('refuses %s', async (_title, files, asked, code, message) => {
    await using dir = await testdir(tree(files, asked));
    const fault = await faultOf(detectPackageManager(dir.path));
    expect(fault).toMatchObject({code, message: expect.stringMatching(message)});
    expect(fault.message).toContain(dir.path);
    expect(fault.hint).toBeDefined();
  });

  test('of workspaces whose root has no name', async () => {
    const root = '{"private": true, "workspaces": ["packages/*"], "packageManager": "pnpm@10.1.0"}';
    await using dir = await testdir({'package.json': root});
    expect(await detectPackageManager(dir.path)).toMatchObject({name: 'pnpm', version: '10.1.0'});
    await using wrong = await testdir({'package.json': '{"name": "a", "packageManager": 5}'});
    expect(await faultOf(detectPackageManager(wrong.path))).toMatchObject({code: 'MANIFEST_INVALID'});
  });

  test('says that there is no package.json', async () => {
    await using dir = await testdir();
    expect(await faultOf(detectPackageManager(dir.path))).toMatchObject({code: 'MANIFEST_MISSING'});
  });
});
