import {execFileSync} from 'node:child_process';
import {describe, expect, test} from '@jest/globals';
import {readEntries} from '@keelson/archive';
import {buildArchive, openForBuild, type BuildEvent, type BuildOptions} from '@keelson/archive-builder';
import {parseSource} from '@keelson/source';
import {expectFault, testdir, type TestDirectory} from '@keelson/test-kit';
import {binaryOf} from '../dist/addon-binary.js';
import {refuseForeignAddons} from '../dist/refuse-foreign-addons.js';

/** The least that a header says, and the C library among the strings. */
function elf(machine: number, needs = ''): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(machine, 18);
  return Buffer.concat([header, Buffer.from(needs)]);
}

function pe(machine: number): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.write('MZ', 'latin1');
  bytes.writeUInt32LE(64, 0x3c);
  bytes.write('PE\0\0', 64, 'latin1');
  bytes.writeUInt16LE(machine, 68);
  return bytes;
}

const hex = (text: string, length = 64) => Buffer.concat([Buffer.from(text, 'hex'), Buffer.alloc(length)]);

describe('the header of an add-on says where it loads', () => {
  test.each([
    ['Linux, x64, glibc', elf(62, 'libc.so.6'), {platform: 'linux', archs: ['x64'], libc: 'glibc'}],
    [
      'Linux, arm64, musl',
      elf(183, 'libc.musl-aarch64.so.1'),
      {platform: 'linux', archs: ['arm64'], libc: 'musl'},
    ],
    ['Linux, any C library', elf(62), {platform: 'linux', archs: ['x64']}],
    ['a machine that Node does not know', elf(999), {platform: 'linux', archs: []}],
    ['macOS, arm64', hex('cffaedfe0c000001'), {platform: 'darwin', archs: ['arm64']}],
    [
      'macOS, universal',
      hex(`cafebabe00000002${'01000007'.padEnd(40, '0')}${'0100000c'.padEnd(40, '0')}`),
      {platform: 'darwin', archs: ['x64', 'arm64']},
    ],
    ['Windows, x64', pe(0x8664), {platform: 'win32', archs: ['x64']}],
    ['Windows, arm64', pe(0xaa64), {platform: 'win32', archs: ['arm64']}],
    ['a text', Buffer.from('#!/bin/sh\necho no add-on at all\n'), undefined],
    ['MZ and nothing', Buffer.alloc(80, 'MZ'), undefined],
    ['nothing', Buffer.alloc(0), undefined],
  ])('%s', (_title, bytes, expected) => {
    expect(binaryOf(bytes)).toEqual(expected);
  });
});

const PLATFORMS = {
  'np-linux-x64-gnu': {os: ['linux'], cpu: ['x64'], libc: ['glibc'], file: elf(62, 'libc.so.6')},
  'np-linux-arm64-gnu': {os: ['linux'], cpu: ['arm64'], libc: ['glibc'], file: elf(183, 'libc.so.6')},
  'np-linux-arm64-musl': {os: ['linux'], cpu: ['arm64'], libc: ['musl'], file: elf(183, 'libc.musl-')},
};

/** An app whose add-on comes in one package for each platform; npm installs it without a registry. */
async function app(): Promise<TestDirectory> {
  const dir = await testdir({'app/vendor/': ''});
  const npm = (cwd: string, ...args: string[]) =>
    execFileSync('npm', args, {cwd: dir.at(cwd), stdio: 'pipe'});
  for (const [name, {file, ...chooses}] of Object.entries(PLATFORMS)) {
    const manifest = JSON.stringify({name, version: '1.0.0', ...chooses});
    await dir.write({[`${name}/package.json`]: manifest, [`${name}/addon.node`]: file});
    npm(name, 'pack', '--pack-destination', dir.at('app/vendor'));
  }
  const names = Object.keys(PLATFORMS);
  const optionalDependencies = Object.fromEntries(
    names.map((name) => [name, `file:vendor/${name}-1.0.0.tgz`]),
  );
  const fields = {scripts: {build: 'echo built > built'}, optionalDependencies};
  await dir.write({'app/package.json': JSON.stringify({name: 'app', version: '1.0.0', ...fields})});
  npm('app', 'install', '--package-lock-only', '--no-audit', '--no-fund');
  return dir;
}

async function build(dir: TestDirectory, target: string, options: BuildOptions = {}) {
  await using checkout = await openForBuild(parseSource(dir.at('app')));
  return await buildArchive(checkout, {
    out: dir.at('a.tgz'),
    ...options,
    dependencies: {target, ...options.dependencies},
  });
}

describe('--target', () => {
  test('takes the packages of that platform, after the build scripts ran on this one', async () => {
    await using dir = await app();
    const archive = await build(dir, 'linux-arm64-musl', {cache: dir.at('cache')});
    expect(archive.manifest.node).toMatchObject({platform: 'linux', arch: 'arm64', libc: 'musl'});
    expect(archive.manifest.addons).toEqual(['node_modules/np-linux-arm64-musl/addon.node']);
    const paths = (await readEntries(archive)).map(({path}) => path);
    expect(paths).toContain('built');
    expect(paths.filter((path) => path.endsWith('.node'))).toEqual(archive.manifest.addons);
    const events: BuildEvent[] = [];
    const onEvent = (event: BuildEvent) => void events.push(event);
    const again = await build(dir, 'linux-arm64-musl', {cache: dir.at('cache'), onEvent});
    expect(again.fileDigest).toBe(archive.fileDigest);
    const installed = {type: 'build:installed', cached: true};
    expect(events.filter(({type}) => type === 'build:installed')).toEqual([installed, installed]);
    expect((await expectFault(build(dir, 'darwin-arm64', {scripts: []}), 'BUILD_TARGET')).message).toBe(
      'not made for darwin-arm64:\n  app: none of its optional packages is for it',
    );
  });

  test.each([
    ['no platform', 'linux-armv7', {}, /is no platform$/],
    ['a C library where there is no choice', 'darwin-arm64-musl', {}, /is no platform$/],
    [
      'scripts that would compile for here',
      'linux-arm64',
      {dependencies: {rebuild: ['x']}},
      /would build for this machine/,
    ],
    ['node_modules as it lies', 'linux-arm64', {install: false}, /is not chosen for linux-arm64$/],
  ] as const)('refuses %s', async (_title, target, options, message) => {
    await using dir = await testdir({'app/package.json': '{"name": "app", "version": "1.0.0"}'});
    expect((await expectFault(build(dir, target, options), 'BUILD_TARGET')).message).toMatch(message);
  });

  test.each([
    ['--target of yarn', {dependencies: {target: 'linux-arm64'}}, 'BUILD_TARGET'],
    ["--trace with Plug'n'Play", {contents: {trace: true}}, 'BUILD_TRACE'],
    ["--workspace with Plug'n'Play", {workspace: 'a'}, 'BUILD_WORKSPACE'],
  ] as const)('%s is refused before anything is installed', async (_title, options, code) => {
    await using dir = await testdir({
      'app/package.json': '{"name": "app", "version": "1.0.0", "workspaces": ["a"]}',
      'app/a/package.json': '{"name": "a", "version": "1.0.0"}',
      'app/yarn.lock': '# yarn\n\n__metadata:\n  version: 8\n',
      'app/.yarnrc.yml': 'nodeLinker: pnp\n',
    });
    await using checkout = await openForBuild(parseSource(dir.at('app')));
    await expectFault(buildArchive(checkout, options), code);
  });

  test('refuses an add-on for another platform, and one that would have to be compiled; several to choose from are fine', async () => {
    const pkg = (name: string) => JSON.stringify({name, version: '1.0.0'});
    await using dir = await testdir({
      'package.json': pkg('app'),
      'own.node': elf(62),
      'node_modules/foreign/package.json': pkg('foreign'),
      'node_modules/foreign/prebuilds/linux-x64/node.napi.node': elf(62),
      'node_modules/source/package.json': pkg('source'),
      'node_modules/source/binding.gyp': '{}',
      'node_modules/many/package.json': pkg('many'),
      'node_modules/many/binding.gyp': '{}',
      'node_modules/many/prebuilds/linux-x64/node.napi.node': elf(62),
      'node_modules/many/prebuilds/linux-arm64/node.napi.node': elf(183),
    });
    const loadable = ['node_modules/many/prebuilds/linux-arm64/node.napi.node'];
    const facts = {loadable, excluded: () => undefined, target: 'linux-arm64', built: [] as string[]};
    const fault = await expectFault(refuseForeignAddons(dir.path, facts), 'BUILD_TARGET');
    expect(fault.message.split('\n').slice(1)).toEqual([
      '  node_modules/foreign: node_modules/foreign/prebuilds/linux-x64/node.napi.node is for another platform',
      '  node_modules/source: it has to be compiled, and brings nothing prebuilt',
      '  the app: own.node is for another platform',
    ]);
  });
});
