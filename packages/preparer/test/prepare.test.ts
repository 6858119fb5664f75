import {existsSync} from 'node:fs';
import {readdir, writeFile} from 'node:fs/promises';
import {describe, expect, jest, test} from '@jest/globals';
import {extractArchive, openArchive, runtimeFacts, type ManifestFacts} from '@keelson/archive';
import {prepare, type PrepareEvent} from '@keelson/preparer';
import {expectFault, testdir} from '@keelson/test-kit';
import {appArchive} from './app-archive.ts';
import {elfFile} from './elf-file.ts';

const here = runtimeFacts();

describe('prepare', () => {
  test('unpacks, verifies and reads what there is to run', async () => {
    await using dir = await testdir();
    const archive = await appArchive(dir, {'lib/a.js': 'a', 'bin/tool': {mode: 0o755, content: ''}});
    const events: PrepareEvent[] = [];
    const prepared = await prepare(archive, dir.at('into'), {onEvent: (event) => void events.push(event)});
    expect(prepared).toEqual({
      kind: 'prepared',
      dir: dir.at('into'),
      digest: archive.digest,
      manifest: expect.objectContaining({kind: 'app-manifest', name: 'shop', version: '1.2.0'}),
      procfile: {kind: 'procfile', types: [{name: 'web', command: 'node server.js', line: 1}]},
      rebuilt: [],
      proved: [],
    });
    expect(await dir.list('into')).toEqual([
      'Procfile',
      'bin/tool',
      'keelson.json',
      'lib/a.js',
      'package.json',
    ]);
    expect(events.at(-1)).toEqual({type: 'prepare:verified', digest: archive.digest});
    expect(JSON.parse(JSON.stringify(prepared))).toEqual(prepared);
  });

  test('takes a folder as git delivers it, and leaves that alone', async () => {
    await using dir = await testdir();
    const archive = await appArchive(dir);
    await extractArchive(archive, dir.at('delivered'));
    const delivered = await openArchive(dir.at('delivered'));
    const prepared = await prepare(delivered, dir.at('into'));
    expect(prepared.digest).toBe(archive.digest);
    expect(await dir.list('delivered')).toEqual(await dir.list('into'));
  });

  test.each<[string, Partial<ManifestFacts>, string]>([
    ['an older Node', {node: {...here, range: '<18'}}, 'shop 1.2.0 needs Node <18, this is '],
    [
      'a newer Node',
      {node: {...here, range: '>=99 || ^98.1'}},
      'shop 1.2.0 needs Node >=99 || ^98.1, this is ',
    ],
  ])('refuses an app for %s', async (_title, facts, message) => {
    await using dir = await testdir();
    const fault = await expectFault(
      prepare(await appArchive(dir, {}, facts), dir.at('into')),
      'PREPARE_NODE_MISMATCH',
    );
    expect(fault.message).toContain(message + here.version);
    expect(existsSync(dir.at('into'))).toBe(false);
  });

  test.each(['>=20', '*', `^${here.version}`, `${here.version.split('.')[0]}.x`])(
    'takes an app for Node %s',
    async (range) => {
      await using dir = await testdir();
      const prepared = await prepare(await appArchive(dir, {}, {node: {...here, range}}), dir.at('into'));
      expect(prepared.kind).toBe('prepared');
    },
  );

  test.each([
    ['system', {platform: 'darwin', libc: undefined}],
    ['processor', {arch: here.arch === 'arm64' ? 'x64' : 'arm64'}],
    ['C library', {libc: here.libc === 'musl' ? ('glibc' as const) : ('musl' as const)}],
  ])('refuses native add-ons of another %s, and takes JavaScript from there', async (_title, other) => {
    await using dir = await testdir();
    const node = {...here, ...other};
    const native = await appArchive(dir, {'node_modules/a/a.node': ''}, {node});
    const fault = await expectFault(prepare(native, dir.at('into')), 'PREPARE_PLATFORM_MISMATCH');
    expect(fault.message).toMatch(
      /was built on [\w-]+ and brings native add-ons \(node_modules\/a\/a\.node\), this is linux-/,
    );
    const plain = await appArchive(dir, {}, {node, addons: []});
    expect((await prepare(plain, dir.at('into'))).kind).toBe('prepared');
  });

  test('refuses a folder that was changed on its way', async () => {
    await using dir = await testdir();
    await extractArchive(await appArchive(dir, {'server.js': 'serve()'}), dir.at('delivered'));
    const delivered = await openArchive(dir.at('delivered'));
    await writeFile(dir.at('delivered/server.js'), 'steal()');
    const fault = await expectFault(prepare(delivered, dir.at('into')), 'ARCHIVE_DIGEST');
    expect(fault.message).toContain('server.js');
    expect(existsSync(dir.at('into'))).toBe(false);
  });

  test.each([
    [
      'a manifest that is wrong',
      {'package.json': '{"name": "shop", "keelson": {"persistant": []}}'},
      'MANIFEST_INVALID',
    ],
    ['a Procfile that is wrong', {Procfile: 'nonsense'}, 'PROCFILE_SYNTAX'],
  ])('%s leaves nothing behind', async (_title, files, code) => {
    await using dir = await testdir({'empty/': ''});
    const archive = await appArchive(dir, files);
    await expectFault(prepare(archive, dir.at('into')), code);
    await expectFault(prepare(archive, dir.at('empty')), code);
    expect(existsSync(dir.at('into'))).toBe(false);
    expect(await readdir(dir.at('empty'))).toEqual([]);
  });

  test('does not load native code as root unless that is allowed', async () => {
    await using dir = await testdir();
    const machine = {x64: 62, arm64: 183}[here.arch as 'x64'];
    const archive = await appArchive(dir, {'node_modules/a/a.node': elfFile({machine})});
    jest.spyOn(process, 'getuid').mockReturnValue(0);
    const fault = await expectFault(prepare(archive, dir.at('into')), 'PREPARE_NEEDS_USER');
    expect(fault.hint).toContain('--allow-root');
    expect(existsSync(dir.at('into'))).toBe(false);
  });

  test('refuses a list of add-ons that names what is not there', async () => {
    await using dir = await testdir();
    const archive = await appArchive(dir, {}, {addons: ['node_modules/a/gone.node']});
    const fault = await expectFault(
      prepare(archive, dir.at('into'), {allowRoot: true}),
      'PREPARE_ADDON_BROKEN',
    );
    expect(fault.message).toContain('node_modules/a/gone.node');
  });

  test('passes over add-ons of other systems that a package brings along', async () => {
    await using dir = await testdir();
    const foreign = {
      'node_modules/a/prebuilds/darwin-arm64/a.node': '\xcf\xfa\xed\xfe',
      'node_modules/a/prebuilds/win32-x64/a.node': 'MZ',
      'node_modules/b/b.node': elfFile({machine: 21}),
    };
    const prepared = await prepare(await appArchive(dir, foreign), dir.at('into'));
    expect(prepared).toMatchObject({proved: [], rebuilt: []});
  });

  test('a cancelled one leaves nothing and rejects with the reason', async () => {
    await using dir = await testdir();
    const cancelling = new AbortController();
    const reason = new TypeError('enough');
    const attempt = prepare(await appArchive(dir), dir.at('into'), {
      signal: cancelling.signal,
      onEvent: () => cancelling.abort(reason),
    });
    expect(await attempt.catch((error: unknown) => error)).toBe(reason);
    expect(existsSync(dir.at('into'))).toBe(false);
  });
});
