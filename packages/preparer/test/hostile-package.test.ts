import {chmodSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {execFileSync} from 'node:child_process';
import {gunzipSync, gzipSync} from 'node:zlib';
import {expect, test} from '@jest/globals';
import {createKeyPair, signArchive} from '@keelson/archive';
import {openApp, prepare} from '@keelson/preparer';
import {isFault} from '@keelson/step';
import {expectFault, testdir, type Tree} from '@keelson/test-kit';
import {appArchive} from './app-archive.ts';

interface Entry {
  readonly name: string | Buffer;
  readonly type?: string;
  readonly target?: string;
  readonly content?: string;
}

/** A tarball as somebody would write it who means harm: ustar, POSIX.1-1988. */
function tarball(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({name, type = '0', target = '', content = ''}) => {
    const header = Buffer.alloc(512);
    const text = typeof name === 'string' ? Buffer.from(name) : name;
    text.copy(header, 0, 0, 100);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${Buffer.byteLength(content).toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(target, 157);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
    body.write(content);
    return [header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const app: Entry = {name: 'shop/package.json', content: '{"name": "shop"}'};
const long = (name: string): Entry[] => [
  {name: 'pax', type: 'x', content: pax('path', name)},
  {name: 'shop/x', content: 'x'},
];
function pax(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length;
  return `${length}${rest}`;
}

test.each<[string, readonly Entry[]]>([
  ['a path that climbs', [app, {name: 'shop/../../pwned', content: 'x'}]],
  ['an absolute path', [app, {name: '/tmp/keelson-pwned', content: 'x'}]],
  ['an absolute link', [app, {name: 'shop/l', type: '2', target: '/etc'}]],
  ['a link out of the tree', [app, {name: 'shop/l', type: '2', target: '../../..'}]],
  [
    'a file behind a link',
    [app, {name: 'shop/l', type: '2', target: '/tmp'}, {name: 'shop/l/pwned', content: 'x'}],
  ],
  ['a hard link out of the tree', [app, {name: 'shop/l', type: '1', target: '/etc/passwd'}]],
  ['a character device', [app, {name: 'shop/null', type: '3'}]],
  ['a block device', [app, {name: 'shop/sda', type: '4'}]],
  ['a pipe', [app, {name: 'shop/pipe', type: '6'}]],
  ['a name of 300 characters', [app, ...long(`shop/${'n'.repeat(300)}`)]],
  [
    'a name that is no UTF-8',
    [app, {name: Buffer.from([0x73, 0x68, 0x6f, 0x70, 0x2f, 0xff, 0xfe]), content: 'x'}],
  ],
])('a package with %s is refused, and nothing is written', async (_title, entries) => {
  await using dir = await testdir({'bad.tgz': gzipSync(tarball(entries))});
  const before = await dir.list();
  const error = await prepare(await openApp(dir.at('bad.tgz')), dir.at('into')).catch(
    (thrown: unknown) => thrown,
  );
  expect(isFault(error) && error.code).toMatch(/^ARCHIVE_(UNSAFE_ENTRY|CORRUPT)$/);
  expect(await dir.list()).toEqual(before);
  expect(existsSync('/tmp/keelson-pwned')).toBe(false);
});

test('a tar bomb is refused, and nothing is left', async () => {
  await using dir = await testdir();
  const zeros = gzipSync(Buffer.alloc(80 * 1024 * 1024), {level: 1});
  const head = Buffer.from(tarball([app])).subarray(0, 1024);
  const size = Buffer.from(tarball([{name: 'shop/zeros'}]).subarray(0, 512));
  size.write(`${(80 * 1024 * 1024).toString(8).padStart(11, '0')}\0`, 124);
  size.write('        ', 148);
  size.write(
    `${size
      .reduce((total, byte) => total + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  writeFileSync(dir.at('bomb.tgz'), Buffer.concat([gzipSync(Buffer.concat([head, size])), zeros]));
  const fault = await expectFault(
    prepare(await openApp(dir.at('bomb.tgz')), dir.at('into')),
    'ARCHIVE_TOO_LARGE',
  );
  expect(fault.message).toMatch(/bytes|times/);
  expect(existsSync(dir.at('into'))).toBe(false);
});

test.each<[string, (path: string) => void]>([
  ['cut short', (path) => truncateSync(path, 700)],
  [
    'longer than when it was opened',
    (path) => execFileSync('sh', ['-c', 'cat "$1" "$1" > "$1.2" && mv "$1.2" "$1"', 'sh', path]),
  ],
])('an archive that is %s is refused, and nothing is left', async (_title, change) => {
  await using dir = await testdir();
  const archive = await appArchive(dir, {
    'server.js': 'x'.repeat(100),
    'big.bin': Buffer.from(Array.from({length: 9000}, (_, at) => (at * 7919) % 251)),
  });
  change(archive.path);
  const error = await prepare(archive, dir.at('into')).catch((thrown: unknown) => thrown);
  expect(isFault(error) && error.code).toMatch(/^ARCHIVE_/);
  expect(existsSync(dir.at('into'))).toBe(false);
});

test('only what the trusted key signed is taken', async () => {
  await using dir = await testdir();
  const archive = await appArchive(dir);
  const {publicKey} = createKeyPair(dir.at('mine'));
  const other = createKeyPair(dir.at('other'));
  const prepared = (key: string) => prepare(archive, dir.at('into'), {trusted: {key}});
  expect((await expectFault(prepared(publicKey), 'PREPARE_NOT_SIGNED')).message).toContain('not signed');
  await signArchive(archive, {key: dir.at('mine')});
  const refused = await expectFault(prepared(other.publicKey), 'PREPARE_NOT_SIGNED');
  expect(refused.hint).toContain('keelson archive sign');
  expect(existsSync(dir.at('into'))).toBe(false);
  expect(await prepared(publicKey)).toMatchObject({digest: archive.digest});
  await dir.write({'raw/package.json': '{"name": "shop"}'});
  const raw = prepare(await openApp(dir.at('raw')), dir.at('raw-into'), {trusted: {key: publicKey}});
  await expectFault(raw, 'PREPARE_NOT_SIGNED');
});

test('what an archive brings below node_modules is shared with the release before', async () => {
  await using dir = await testdir();
  const files = {'node_modules/a/package.json': '{}', 'node_modules/a/a.js': 'a()'};
  const store = dir.at('store');
  const first = await prepare(await appArchive(dir, files), dir.at('1'), {store});
  const second = await prepare(await appArchive(dir, {...files, 'server.js': 'new()'}), dir.at('2'), {store});
  expect(first.dependencies).toMatchObject({reused: false});
  expect(second.dependencies).toEqual({...first.dependencies, reused: true});
  const third = await appArchive(dir, {...files, 'node_modules/a/a.js': 'b()'});
  expect((await prepare(third, dir.at('3'), {store})).dependencies).toMatchObject({reused: false});
  expect(await dir.read('3/node_modules/a/a.js')).toBe('b()');
  expect(await dir.read('2/node_modules/a/a.js')).toBe('a()');
});

test('what the store has of an archive is not taken from there a second time', async () => {
  await using dir = await testdir();
  const store = dir.at('store');
  const files = {'node_modules/a/index.js': 'good()', 'node_modules/.bin/a': {link: '../a/index.js'}};
  await prepare(await appArchive(dir, {...files, 'server.js': '1'}), dir.at('1'), {store});
  const archive = await appArchive(dir, {'server.js': '2'});
  const tar = gunzipSync(readFileSync(archive.path));
  tar.write('evil()', tar.indexOf('good()'));
  writeFileSync(archive.path, gzipSync(tar));
  const second = await prepare(archive, dir.at('2'), {store});
  expect(second.dependencies).toMatchObject({reused: true});
  expect(await dir.read('2/node_modules/.bin/a')).toBe('good()');
  expect(await dir.read('2/server.js')).toBe('2');
  // A store that somebody wrote to is none.
  const stored = join(store, second.dependencies!.key, 'tree/node_modules/a/index.js');
  chmodSync(stored, 0o644);
  writeFileSync(stored, 'other');
  await expectFault(prepare(archive, dir.at('3'), {store}), 'ARCHIVE_DIGEST');
  expect(existsSync(dir.at('3'))).toBe(false);
});

test.each<[string, Tree, string, RegExp]>([
  [
    'with a link that leads out',
    {'app/out': {link: '../dep'}},
    'PREPARE_UNSAFE_LINK',
    /"out" to "\.\.\/dep"/,
  ],
  [
    'for another Node',
    {'app/package.json': '{"name":"shop","engines":{"node":"1"}}'},
    'PREPARE_NODE_MISMATCH',
    /needs Node 1/,
  ],
  [
    'whose dependencies are in no lockfile',
    {'app/package.json': '{"name":"shop","dependencies":{"dep":"1"}}'},
    'PREPARE_INSTALL_FAILED',
    /lockfile/,
  ],
])('a package %s is refused, and nothing is left', async (_title, files, code, message) => {
  await using dir = await testdir({
    'app/package.json': '{"name":"shop"}',
    'app/Procfile': 'web: node .',
    ...files,
  });
  const attempt = prepare(await openApp(dir.at('app')), dir.at('into'), {allowRoot: true});
  expect((await expectFault(attempt, code)).message).toMatch(message);
  expect(existsSync(dir.at('into'))).toBe(false);
});

test('of a folder only what anybody may read, and execute, travels: no set-user-ID of what will be root’s', async () => {
  await using dir = await testdir({
    'raw/package.json': '{"name": "shop"}',
    'raw/Procfile': 'web: ./own',
    'raw/bin/own': '',
  });
  chmodSync(dir.at('raw/bin/own'), 0o4700);
  chmodSync(dir.at('raw/Procfile'), 0o600);
  chmodSync(dir.at('raw/bin'), 0o700);
  await prepare(await openApp(dir.at('raw')), dir.at('into'));
  const mode = (path: string) => (statSync(dir.at(path)).mode & 0o7777).toString(8);
  expect(['into', 'into/bin', 'into/bin/own', 'into/Procfile'].map(mode)).toEqual([
    '755',
    '755',
    '755',
    '644',
  ]);
});

test('a folder that holds something is left alone', async () => {
  await using dir = await testdir({'app/package.json': '{"name":"shop"}', 'into/mine.txt': 'keep'});
  for (const app of [await openApp(dir.at('app')), await appArchive(dir)])
    await expect(prepare(app, dir.at('into'))).rejects.toThrow(/empty/);
  expect(await dir.list('into')).toEqual(['mine.txt']);
});
