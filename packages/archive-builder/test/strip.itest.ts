import {execFileSync} from 'node:child_process';
import {expect, test} from '@jest/globals';
import {describeWith, testdir} from '@keelson/test-kit';
import {stripAddons} from '../dist/strip-addons.js';
import {app, PREPARED, strippedAndPrepared} from './stripped-app.ts';

// With pnpm in the soak.
describeWith(
  ['gcc', 'make', 'python3'],
  'an add-on that is stripped is built and loaded on the target',
  () => {
    test('npm', async () => {
      await using dir = await app({}, (cwd) => {
        execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], {
          cwd,
          stdio: 'pipe',
        });
      });
      expect(await strippedAndPrepared(dir)).toEqual(PREPARED);
    }, 120_000);
  },
);

test('what cannot be built again stays; prebuilt add-ons for other machines and objects of the compiler go', async () => {
  const manifest = (name: string) => JSON.stringify({name, version: '1.0.0'});
  await using dir = await testdir({
    'package.json': manifest('app'),
    'binding.gyp': '{"targets": [{"target_name": "own"}]}',
    'build/Release/own.node': '',
    'node_modules/prebuilt/package.json': manifest('prebuilt'),
    'node_modules/prebuilt/prebuilds/here/a.node': '',
    'node_modules/prebuilt/prebuilds/there/a.node': '',
    'node_modules/prebuilt/lib/a.o': '',
    'node_modules/@x/vars/package.json': manifest('@x/vars'),
    'node_modules/@x/vars/binding.gyp': "{'targets': [{'target_name': '<(module_name)'}]}",
    'node_modules/@x/vars/prebuilds/here/v.node': '',
    'node_modules/@x/gyp/package.json': manifest('@x/gyp'),
    'node_modules/@x/gyp/binding.gyp': "{'targets': [{ 'target_name' : 'one'}, {'target_name': 'two'}]}",
    'node_modules/@x/gyp/prebuilds/here/v.node': '',
    'node_modules/@x/gyp/build/Release/obj.target/one.o': '',
    'node_modules/@x/gyp/deps/x.o': '',
    'node_modules/@x/gyp/src/one.cc': '',
    'node_modules/@x/gyp/node_modules/inner/package.json': manifest('inner'),
    'node_modules/@x/gyp/node_modules/inner/inner.node': '',
    'node_modules/made/package.json': manifest('made'),
    'node_modules/made/binding.gyp': "{'targets': [{'target_name': '<(module_name)'}]}",
    'node_modules/made/lib/binding/napi-v3/made.node': '',
  });
  const found = [
    'build/Release/own.node',
    'node_modules/@x/gyp/node_modules/inner/inner.node',
    'node_modules/@x/gyp/prebuilds/here/v.node',
    'node_modules/@x/vars/prebuilds/here/v.node',
    'node_modules/made/lib/binding/napi-v3/made.node',
    'node_modules/prebuilt/prebuilds/here/a.node',
  ];
  const before = await dir.list();
  expect(await stripAddons(dir.path, found)).toEqual({
    addons: [
      'build/Release/own.node',
      'node_modules/@x/gyp/build/Release/one.node',
      'node_modules/@x/gyp/build/Release/two.node',
      'node_modules/@x/gyp/node_modules/inner/inner.node',
      'node_modules/@x/vars/prebuilds/here/v.node',
      'node_modules/made/lib/binding/napi-v3/made.node',
      'node_modules/prebuilt/prebuilds/here/a.node',
    ],
    packages: ['@x/gyp', 'made'],
    kept: ['@x/vars'],
  });
  const after = await dir.list();
  expect(before.filter((path) => !after.includes(path) && /\.\w+$/.test(path))).toEqual([
    'node_modules/@x/gyp/build/Release/obj.target/one.o',
    'node_modules/@x/gyp/deps/x.o',
    'node_modules/@x/gyp/prebuilds/here/v.node',
    'node_modules/made/lib/binding/napi-v3/made.node',
    'node_modules/prebuilt/prebuilds/there/a.node',
  ]);
});
