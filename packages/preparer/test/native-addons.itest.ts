import {existsSync} from 'node:fs';
import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {expect, test} from '@jest/globals';
import {prepare, type PrepareEvent} from '@keelson/preparer';
import {
  describeWith,
  expectFault,
  packageRoot,
  testdir,
  type TestDirectory,
  type Tree,
} from '@keelson/test-kit';
import {appArchive} from './app-archive.ts';

const sources = join(packageRoot(import.meta.url), 'test/fixtures');
const source = (name: string) => readFile(join(sources, name), 'utf8');

/** The bytes of an add-on, compiled from one of the fixtures. */
async function compiled(dir: TestDirectory, name: string, ...flags: string[]): Promise<Buffer> {
  const out = dir.at(`${name}.node`);
  await promisify(execFile)('gcc', ['-shared', '-fPIC', '-o', out, join(sources, name), ...flags]);
  return readFile(out);
}

const npmTree = (name: string, manifest: object): Tree => ({
  'package.json': JSON.stringify({name: 'shop', version: '1.2.0', dependencies: {[name]: '1.0.0'}}),
  'package-lock.json': JSON.stringify({
    name: 'shop',
    version: '1.2.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': {name: 'shop', version: '1.2.0', dependencies: {[name]: '1.0.0'}},
      [`node_modules/${name}`]: {version: '1.0.0', hasInstallScript: true},
    },
  }),
  [`node_modules/${name}/package.json`]: JSON.stringify({name, version: '1.0.0', ...manifest}),
});

async function run(dir: TestDirectory, files: Tree) {
  const events: PrepareEvent[] = [];
  const archive = await appArchive(dir, files);
  const prepared = prepare(archive, dir.at('into'), {
    allowRoot: true,
    onEvent: (event) => void events.push(event),
  });
  return {events, prepared};
}

describeWith(['gcc'], 'native add-ons', () => {
  test('that load are proved, one by one', async () => {
    await using dir = await testdir();
    const addon = await compiled(dir, 'node-api.c');
    const {prepared, events} = await run(dir, {
      'node_modules/a/a.node': addon,
      'node_modules/b/b.node': addon,
    });
    expect(await prepared).toMatchObject({
      proved: ['node_modules/a/a.node', 'node_modules/b/b.node'],
      rebuilt: [],
    });
    expect(events.filter(({type}) => type === 'prepare:addon-proved')).toHaveLength(2);
  });

  test('of one package: one that loads is enough', async () => {
    await using dir = await testdir();
    const {prepared, events} = await run(dir, {
      'node_modules/a/build/Release/a.node': await compiled(dir, 'node-api.c'),
      'node_modules/a/build/Release/test_extension.node': await compiled(dir, 'no-addon.c'),
    });
    expect(await prepared).toMatchObject({proved: ['node_modules/a/build/Release/a.node'], rebuilt: []});
    expect(events).toContainEqual({
      type: 'prepare:addon-failed',
      path: 'node_modules/a/build/Release/test_extension.node',
      because: expect.stringContaining('did not self-register'),
    });
  });

  test('for musl are passed over here', async () => {
    await using dir = await testdir();
    const stub = dir.at('libc.musl-x86_64.so.1');
    const soname = '-Wl,-soname,libc.musl-x86_64.so.1';
    await promisify(execFile)('gcc', ['-shared', '-fPIC', soname, '-o', stub, join(sources, 'no-addon.c')]);
    const {prepared} = await run(dir, {
      'node_modules/a-musl/a.node': await compiled(
        dir,
        'node-api.c',
        '-Wl,--no-as-needed',
        '-nodefaultlibs',
        stub,
      ),
      'node_modules/a-gnu/a.node': await compiled(dir, 'node-api.c'),
    });
    expect(await prepared).toMatchObject({proved: ['node_modules/a-gnu/a.node']});
  });

  test('see nothing of our environment', async () => {
    await using dir = await testdir();
    process.env['KEELSON_TEST_SECRET'] = 'known';
    try {
      const {prepared} = await run(dir, {'node_modules/a/a.node': await compiled(dir, 'no-secret.c')});
      expect((await prepared).proved).toEqual(['node_modules/a/a.node']);
    } finally {
      delete process.env['KEELSON_TEST_SECRET'];
    }
  });

  test('that crash are told by their signal', async () => {
    await using dir = await testdir();
    const {prepared} = await run(dir, {'crash.node': await compiled(dir, 'crash.c')});
    const fault = await expectFault(prepared, 'PREPARE_ADDON_BROKEN');
    expect(fault.message).toBe('the app: the add-on does not load: crash.node: loading it ended in SIGABRT');
    expect(existsSync(dir.at('into'))).toBe(false);
  });

  test('that lack a library are told with its name', async () => {
    await using dir = await testdir();
    const library = dir.at('libgone.so.7');
    await promisify(execFile)('gcc', ['-shared', '-fPIC', '-o', library, join(sources, 'no-addon.c')]);
    const addon = await compiled(dir, 'node-api.c', '-Wl,--no-as-needed', library);
    await dir.write({'libgone.so.7': 'no library any more'});
    const {prepared} = await run(dir, {'own.node': addon});
    const fault = await expectFault(prepared, 'PREPARE_ADDON_BROKEN');
    expect(fault.message).toContain('libgone.so.7');
  });
});

describeWith(['gcc', 'npm'], 'native add-ons of another Node', () => {
  test('are rebuilt, they alone, and proved again', async () => {
    await using dir = await testdir();
    const {prepared, events} = await run(dir, {
      ...npmTree('old', {scripts: {install: 'mkdir -p build && gcc -shared -fPIC -o build/old.node new.c'}}),
      'node_modules/old/new.c': await source('node-api.c'),
      'node_modules/old/build/old.node': await compiled(dir, 'other-abi.c'),
      'node_modules/fine/package.json':
        '{"name": "fine", "version": "1.0.0", "scripts": {"install": "exit 1"}}',
      'node_modules/fine/fine.node': await compiled(dir, 'node-api.c'),
    });
    expect(await prepared).toMatchObject({
      rebuilt: ['old'],
      proved: ['node_modules/fine/fine.node', 'node_modules/old/build/old.node'],
    });
    expect(events).toContainEqual({
      type: 'prepare:addon-failed',
      path: 'node_modules/old/build/old.node',
      because: `it was built for Node ABI 1, this Node has ${process.versions.modules}`,
    });
  });

  test('whose rebuild changed nothing are refused, whatever npm says', async () => {
    await using dir = await testdir();
    const {prepared} = await run(dir, {
      ...npmTree('old', {scripts: {install: 'true'}}),
      'node_modules/old/old.node': await compiled(dir, 'other-abi.c'),
    });
    const fault = await expectFault(prepared, 'PREPARE_ADDON_BROKEN');
    expect(fault.message).toContain(
      'old: the add-on does not load: node_modules/old/old.node: it was built for Node ABI 1',
    );
    expect(existsSync(dir.at('into'))).toBe(false);
  });

  test('whose rebuild fails are refused with both reasons', async () => {
    await using dir = await testdir();
    const {prepared} = await run(dir, {
      ...npmTree('old', {scripts: {install: 'echo no compiler >&2; exit 7'}}),
      'node_modules/old/old.node': await compiled(dir, 'other-abi.c'),
    });
    const fault = await expectFault(prepared, 'PREPARE_REBUILD_FAILED');
    expect(fault.message).toContain('old could not be rebuilt');
    expect(fault.message).toContain('it was built for Node ABI 1');
    expect(existsSync(dir.at('into'))).toBe(false);
  });
});
