import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import {chmod, lstat, mkdir, readFile, readdir, stat, writeFile} from 'node:fs/promises';
import {gzipSync} from 'node:zlib';
import {describe, expect, test} from '@jest/globals';
import {unpackTarball} from '@keelson/archive';
import {expectFault, faultOf, testdir} from '@keelson/test-kit';
import {pax, rawEntries, rawHeader, rawTar, type RawEntry} from './raw-tar.ts';

const good: RawEntry = {name: 'package/ok', content: 'ok'};
const file = (name: string, more: Partial<RawEntry> = {}): RawEntry => ({name, content: 'x', ...more});
const link = (name: string, target: string): RawEntry => ({name, type: '2', target});

type Case = readonly [title: string, tar: Buffer, message: RegExp];

const UNSAFE: readonly Case[] = [
  ['an absolute path', rawTar([good, file('/etc/passwd')]), /"\/etc\/passwd" is an absolute path/],
  ['an absolute path by pax', rawTar([pax({path: '/etc/passwd'}), file('package/x')]), /absolute path/],
  ['an absolute path by prefix', rawTar([file('passwd', {prefix: '/etc'})]), /absolute path/],
  ['..', rawTar([good, file('package/../../pwn')]), /"package\/..\/..\/pwn" leads out of the archive/],
  ['.. alone', rawTar([file('..')]), /leads out/],
  ['a folder ..', rawTar([good, {name: 'package/../../d/', type: '5'}]), /leads out/],
  ['.', rawTar([file('package/./x')]), /is not a plain path/],
  ['an empty part', rawTar([file('package//x')]), /is not a plain path/],
  ['no name', rawTar([file('')]), /has no name/],
  ['NUL', rawTar([pax({path: 'package/ok\0../../pwn'}), file('package/x')]), /NUL/],
  ['a backslash', rawTar([file('package\\..\\..\\pwn')]), /backslash/],
  ['a drive', rawTar([file('C:/pwn')]), /absolute path/],
  ['a newline', rawTar([file('package/a\nb')]), /control character/],
  ['a name that is no UTF-8', rawTar([{name: Buffer.from([0x70, 0x2f, 0xff, 0xfe])}]), /not UTF-8/],
  [
    'a long path',
    rawTar([pax({path: `package/${'a/'.repeat(600)}x`}), file('package/x')]),
    /more than 1024 bytes/,
  ],
  [
    'a long name',
    rawTar([pax({path: `package/${'a'.repeat(300)}`}), file('package/x')]),
    /more than 255 bytes/,
  ],
  ['a hard link', rawTar([good, {name: 'package/h', type: '1', target: 'package/ok'}]), /is a hard link/],
  ['a character device', rawTar([{name: 'package/null', type: '3'}]), /is a character device/],
  ['a block device', rawTar([{name: 'package/sda', type: '4'}]), /is a block device/],
  ['a named pipe', rawTar([good, {name: 'package/fifo', type: '6'}]), /is a named pipe/],
  ['a sparse file', rawTar([{name: 'package/s', type: 'S'}]), /is a sparse file/],
  [
    'a pax sparse file',
    rawTar([pax({'GNU.sparse.major': '1', 'GNU.sparse.name': 'package/s'}), file('package/0/s')]),
    /"package\/s" is a sparse file/,
  ],
  ['an unknown type', rawTar([{name: 'package/q', type: 'Q'}]), /of unknown type "Q"/],
  ['setuid', rawTar([file('package/su', {mode: 0o4755})]), /rights of its owner/],
  ['setgid', rawTar([file('package/sg', {mode: 0o2755})]), /rights of its owner/],
  [
    'an absolute link',
    rawTar([good, link('package/etc', '/etc')]),
    /"package\/etc" is a link to "\/etc" and points to an absolute path/,
  ],
  ['a link out', rawTar([link('package/l', '../..')]), /leads out of the tree/],
  ['a link to the top folder itself', rawTar([link('package/l', '../package')]), /leads out of the tree/],
  ['a link of nothing', rawTar([link('package/l', '')]), /points nowhere/],
  ['a link with a backslash', rawTar([link('package/l', '..\\..')]), /backslash in its target/],
  ['a link to itself', rawTar([link('package/l', 'l')]), /too many links/],
  [
    'a link out through another link',
    rawTar([link('package/a/b/c/up', '../..'), link('package/a/b/escape', 'c/up/../..')]),
    /"package\/a\/b\/escape" is a link to "c\/up\/..\/.." and leads out of the tree/,
  ],
  [
    'a link out through a link that comes later',
    rawTar([link('package/x', 'deep/up/../../y'), link('package/deep/up', '..')]),
    /"package\/x" .* leads out of the tree/,
  ],
  [
    'a link by pax',
    rawTar([pax({linkpath: '../../../x'}), link('package/l', 'ok')]),
    /leads out of the tree/,
  ],
  [
    'a file through a link',
    rawTar([link('package/l', 'd'), file('package/l/x')]),
    /lies below "l", which is a link/,
  ],
  ['a file over a link', rawTar([link('package/l', 'x'), file('package/l')]), /is there as a link already/],
  ['a link over a file', rawTar([file('package/l'), link('package/l', 'x')]), /is there as a file already/],
  [
    'a link over a folder',
    rawTar([file('package/d/x'), link('package/d', 'e')]),
    /is there as a folder already/,
  ],
  [
    'a file below a file',
    rawTar([file('package/f'), file('package/f/x')]),
    /lies below "f", which is a file/,
  ],
  ['a duplicate', rawTar([file('package/x'), file('package/x')]), /is there twice/],
  [
    'a duplicate by case',
    rawTar([file('package/readme'), file('package/README')]),
    /differs from "readme" only by case/,
  ],
  [
    'a folder by case, with a link in it',
    rawTar([link('package/A', 'b'), file('package/a/x')]),
    /lies in "a", which differs from "A" only by case/,
  ],
  [
    'a duplicate by Unicode form',
    rawTar([file('package/\u00e9'), file('package/e\u0301')]),
    /only by case or Unicode form/,
  ],
  [
    'a duplicate by Unicode case',
    rawTar([file('package/stra\u00dfe'), file('package/STRASSE')]),
    /only by case/,
  ],
];

const CORRUPT: readonly Case[] = [
  ['nothing', Buffer.alloc(0), /is cut off/],
  ['a wrong checksum', rawTar([file('package/x', {checksum: '000001\0 '})]), /damaged header/],
  ['an unknown format', rawTar([file('package/x', {magic: 'tar??\u000000'})]), /unknown kind of tar/],
  ['a negative size', rawTar([file('package/x', {size: Buffer.alloc(12, 0xff)})]), /no valid size/],
  [
    'a size that overflows',
    rawTar([file('package/x', {size: Buffer.from(`80${'7f'.repeat(11)}`, 'hex')})]),
    /no valid size/,
  ],
  ['a size that is no number', rawTar([file('package/x', {size: '9999999999 \0'})]), /no valid size/],
  ['a pax size that is no number', rawTar([pax({size: '-1'}), file('package/x')]), /no valid size/],
  ['a truncated header', rawEntries([good]).subarray(0, 300), /is cut off/],
  [
    'a truncated file',
    rawEntries([file('package/x', {content: 'x'.repeat(2000)})]).subarray(0, 1500),
    /is cut off/,
  ],
  ['no end', rawEntries([good]), /is cut off|no proper end/],
  ['half an end', Buffer.concat([rawEntries([good]), Buffer.alloc(512)]), /has no proper end/],
  [
    'garbage after the end',
    Buffer.concat([rawTar([good]), Buffer.from('garbage'), Buffer.alloc(505)]),
    /damaged header|after its end/,
  ],
  [
    'another tar after the end',
    Buffer.concat([rawTar([good]), rawTar([file('package/y')])]),
    /goes on after its end/,
  ],
  ['a gap', Buffer.concat([rawEntries([good]), Buffer.alloc(512), rawTar([file('package/y')])]), /has a gap/],
  ['a pax header that nothing follows', rawTar([good, pax({path: 'package/x'})]), /nothing follows/],
  [
    'a damaged pax header',
    rawTar([{name: 'p', type: 'x', content: '99 path=x\n'}, good]),
    /damaged pax header/,
  ],
  [
    'a pax header whose second record has no length',
    rawTar([{name: 'p', type: 'x', content: '10 path=x\nabc'}, good]),
    /damaged pax header/,
  ],
  [
    'a huge pax header',
    rawTar([rawHeader({name: 'p', type: 'x', size: '77777777777\0'})]),
    /too large a header/,
  ],
  ['a path for every entry', rawTar([pax({path: 'package/x'}, 'g'), good]), /sets the path of every entry/],
  ['a folder with content', rawTar([{name: 'package/d/', type: '5', content: 'x'}]), /folder with content/],
  [
    'a link with content',
    rawTar([{name: 'package/l', type: '2', target: 'ok', content: 'x'}]),
    /link with content/,
  ],
  ['two top folders', rawTar([good, file('other/x')]), /"other\/x" lies in no top folder/],
  ['no top folder', rawTar([file('x')]), /"x" lies in no top folder/],
  ['a folder that is all', rawTar([{name: './', type: '5'}, file('./x')]), /lies in no top folder/],
];

describe.each([
  ['plain', (tar: Buffer) => tar],
  ['gzipped', (tar: Buffer) => gzipSync(tar)],
])('a %s tarball', (_form, wrap) => {
  const refusal = async (tar: Buffer) => {
    await using work = await testdir({'in/hostile.tgz': wrap(tar), 'out/': ''});
    const {code, message} = await faultOf(unpackTarball(work.at('in/hostile.tgz'), work.at('out/a/b')));
    const left = [...readdirSync(work.at('out')), ...readdirSync(work.path).sort()];
    return {code, message: message.replace(work.at('in/hostile.tgz'), 'FILE'), left};
  };
  test.each(UNSAFE)('with %s is refused by name and nothing is left', async (_title, tar, message) => {
    expect(await refusal(tar)).toEqual({
      code: 'ARCHIVE_UNSAFE_ENTRY',
      message: expect.stringMatching(new RegExp(`^FILE: .*${message.source}`)),
      left: ['in', 'out'],
    });
  });
  test.each(CORRUPT)('with %s is refused and nothing is left', async (_title, tar, message) => {
    expect(await refusal(tar)).toEqual({
      code: 'ARCHIVE_CORRUPT',
      message: expect.stringMatching(new RegExp(`^FILE: .*(${message.source})`)),
      left: ['in', 'out'],
    });
  });
});

test('a name of a mebibyte does not fill the screen', async () => {
  const tar = rawTar([pax({path: `package/${'a'.repeat(1_000_000)}`}), file('package/x')]);
  await using work = await testdir({'in.tar': tar});
  const {message} = await faultOf(unpackTarball(work.at('in.tar'), work.at('out')));
  expect(message.length).toBeLessThan(1000);
});

test.each([
  ['xz', '\u00fd7zXZ\0'],
  ['bzip2', 'BZh91AY'],
  ['zip', 'PK\u0003\u0004'],
])('a file packed with %s is called that, and a plain tar that begins so is read', async (name, magic) => {
  const plain = rawTar([file(`${magic.replace(/\W/g, '')}/x`)]);
  await using work = await testdir({in: Buffer.from(`${magic} and so on`, 'latin1'), 'in.tar': plain});
  expect(await faultOf(unpackTarball(work.at('in'), work.at('out')))).toMatchObject({
    code: 'ARCHIVE_CORRUPT',
    message: `${work.at('in')} is packed with ${name}, which is not read here`,
  });
  await unpackTarball(work.at('in.tar'), work.at('out'));
  expect(await work.list('out')).toEqual(['x']);
});

test('a hard link comes with the way to pack it', async () => {
  await using work = await testdir({
    'in.tar': rawTar([{name: 'package/h', type: '1', target: 'package/ok'}]),
  });
  const fault = await faultOf(unpackTarball(work.at('in.tar'), work.at('out')));
  expect(fault.hint).toContain('--hard-dereference');
});

describe('a gzip file', () => {
  const whole = gzipSync(rawTar([good]));
  test.each([
    ['is cut off', whole.subarray(0, -4)],
    ['has a wrong checksum', Buffer.concat([whole.subarray(0, -6), Buffer.alloc(6, 1)])],
    ['is followed by garbage', Buffer.concat([whole, Buffer.from('garbage')])],
    ['is followed by zeros', Buffer.concat([whole, Buffer.alloc(100)])],
    ['is followed by another', Buffer.concat([whole, gzipSync(rawTar([file('package/y')]))])],
  ])('that %s is refused', async (_title, bytes) => {
    await using work = await testdir({'in.tgz': bytes});
    await expectFault(unpackTarball(work.at('in.tgz'), work.at('out')), 'ARCHIVE_CORRUPT');
    expect(existsSync(work.at('out'))).toBe(false);
  });
});

describe('limits', () => {
  test.each([
    ['entries', rawTar([good, file('package/a'), file('package/b')]), {entries: 2}, /more than 2 entries/],
    [
      'bytes',
      rawTar([good, file('package/a', {content: 'x'.repeat(100)})]),
      {bytes: 50},
      /more than 50 bytes/,
    ],
    [
      'ratio',
      rawTar([file('package/zeros', {content: Buffer.alloc(70 * 1024 * 1024)})]),
      {ratio: 100},
      /more than 100 times its size/,
    ],
  ])('of %s', async (_title, tar, limits, message) => {
    await using work = await testdir({'in.tgz': gzipSync(tar)});
    const fault = await expectFault(
      unpackTarball(work.at('in.tgz'), work.at('out'), {limits}),
      'ARCHIVE_TOO_LARGE',
    );
    expect(fault.message).toMatch(message);
    expect(await readdir(work.path)).toEqual(['in.tgz']);
  });

  test('a size beyond the limit is refused by its header, before a byte of it is read', async () => {
    const huge = rawHeader(file('package/huge', {size: '77777777777\0'}));
    await using work = await testdir({'in.tar': huge});
    const fault = await faultOf(unpackTarball(work.at('in.tar'), work.at('out')));
    expect(fault.code).toBe('ARCHIVE_TOO_LARGE');
  });
});

describe('a good tarball', () => {
  test('is unpacked without its top folder, modes reduced to 644 and 755', async () => {
    const tar = rawTar([
      pax({comment: 'a commit, as git archive writes it', 'SCHILY.xattr.user.x': 'y'}, 'g'),
      {name: './app/', type: '5', mode: 0o2755},
      file('./app/run', {mode: 0o711}),
      file('app/secret', {mode: 0o600}),
      {name: 'app/empty/', type: '5', mode: 0o700},
      link('app/bin/tool', '../run'),
      link('app/ws', 'packages/ws'),
      link('app/bin/ws', '../ws/cli.js'),
      file('app/packages/ws/cli.js'),
      pax({path: 'app/\u00fcmlaut', mtime: '1.5'}),
      {name: Buffer.from([0x61, 0x2f, 0xc3]), content: 'u'},
      {name: '././@LongLink', type: 'L', content: `app/${'n'.repeat(120)}\0`},
      {name: `app/${'n'.repeat(90)}`, content: 'long', magic: 'ustar  \0'},
      {name: 'v7folder/', prefix: 'app'},
    ]);
    await using work = await testdir({'in.tar': tar, 'out/': ''});
    const unpacked = await unpackTarball(work.at('in.tar'), work.at('out'));
    expect(unpacked).toEqual({kind: 'unpacked', files: 5, bytes: 8});
    expect(await work.list('out')).toEqual(
      [
        'bin/tool',
        'bin/ws',
        'n'.repeat(120),
        'packages/ws/cli.js',
        'run',
        'secret',
        'ws',
        '\u00fcmlaut',
      ].sort(),
    );
    const modes = await Promise.all(
      ['.', 'run', 'secret', 'empty', 'v7folder'].map(
        async (path) => (await stat(work.at(`out/${path}`))).mode & 0o7777,
      ),
    );
    expect(modes).toEqual([0o755, 0o755, 0o644, 0o755, 0o755]);
    expect((await lstat(work.at('out/ws'))).isSymbolicLink()).toBe(true);
    expect(await readFile(work.at('out/\u00fcmlaut'), 'utf8')).toBe('u');
  });

  test('is unpacked however small the pieces are in which it is read', async () => {
    const content = Buffer.from(Array.from({length: 5000}, (_, index) => index % 251));
    const tar = rawTar([pax({path: 'p/a'}), file('x', {content}), file('p/b', {content: ''}), file('p/c')]);
    // An empty gzip member in front makes the first piece empty; many members make many small pieces.
    const pieces = [gzipSync(Buffer.alloc(0))];
    for (let at = 0; at < tar.length; at += 97) pieces.push(gzipSync(tar.subarray(at, at + 97)));
    await using work = await testdir({'in.tgz': Buffer.concat(pieces)});
    await unpackTarball(work.at('in.tgz'), work.at('out'));
    expect(await readFile(work.at('out/a'))).toEqual(content);
    expect(await work.list('out')).toEqual(['a', 'b', 'c']);
  });
});

describe('the destination', () => {
  const tar = rawTar([good]);
  test('must be empty', async () => {
    await using work = await testdir({'in.tar': tar, 'out/mine': 'mine'});
    const fault = await expectFault(unpackTarball(work.at('in.tar'), work.at('out')), 'ARCHIVE_DESTINATION');
    expect(fault.message).toMatch(/is not empty/);
    expect(await work.list('out')).toEqual(['mine']);
  });
  test('stays the same folder when it is there, with its mode, also when nothing comes of it', async () => {
    const bad = rawTar([good, file('package/../x')]);
    await using work = await testdir({'in.tar': tar, 'bad.tar': bad});
    await mkdir(work.at('out'), {mode: 0o700});
    const before = await stat(work.at('out'));
    await expectFault(unpackTarball(work.at('bad.tar'), work.at('out')), 'ARCHIVE_UNSAFE_ENTRY');
    expect(await readdir(work.at('out'))).toEqual([]);
    await unpackTarball(work.at('in.tar'), work.at('out'));
    expect(await readdir(work.at('out'))).toEqual(['ok']);
    expect(await stat(work.at('out'))).toMatchObject({ino: before.ino, mode: before.mode});
    expect((await readdir(work.path)).toSorted()).toEqual(['bad.tar', 'in.tar', 'out']);
  });
  test('must not be a file', async () => {
    await using work = await testdir({'in.tar': tar, out: 'mine'});
    const fault = await faultOf(unpackTarball(work.at('in.tar'), work.at('out')));
    expect(fault.code).toBe('ARCHIVE_DESTINATION');
  });
  test('must not be a link to nothing, or closed to us, which a look tells beforehand', async () => {
    await using work = await testdir({'in.tar': tar, out: {link: 'nowhere'}, 'closed/': ''});
    const fault = await expectFault(unpackTarball(work.at('in.tar'), work.at('out')), 'ARCHIVE_DESTINATION');
    expect(fault.message).toBe(`${work.at('out')} is a link to nothing`);
    await chmod(work.path, 0o755);
    await chmod(work.at('closed'), 0o555);
    const look = `const {checkTarget} = await import(process.argv[1]);
      if (process.getuid() === 0) process.setuid(65534);
      try { checkTarget(process.argv[2]); } catch ({code, message}) { console.log(code, message); }`;
    const args = ['--input-type=module', '--eval', look, import.meta.resolve('@keelson/archive')];
    expect(execFileSync(process.execPath, [...args, work.at('closed/a.tgz')], {encoding: 'utf8'})).toBe(
      `ARCHIVE_DESTINATION ${work.at('closed')} cannot be written by this user\n`,
    );
  });
  test('has its parents made', async () => {
    await using work = await testdir({'in.tar': tar});
    await unpackTarball(work.at('in.tar'), work.at('a/b/c'));
    expect(await work.list('a')).toEqual(['b/c/ok']);
    expect(await readdir(work.at('a/b'))).toEqual(['c']);
  });
  test('a missing tarball is said, and nothing made', async () => {
    await using work = await testdir();
    await expectFault(unpackTarball(work.at('in.tar'), work.at('a/b')), 'ARCHIVE_MISSING');
    await mkdir(work.at('folder'));
    await expectFault(unpackTarball(work.at('folder'), work.at('a/b')), 'ARCHIVE_MISSING');
    expect(await readdir(work.path)).toEqual(['folder']);
  });
  test('is not there when the step was aborted half-way', async () => {
    const bytes = gzipSync(rawTar([file('package/big', {content: Buffer.alloc(8 * 1024 * 1024, 1)})]));
    await using work = await testdir();
    await writeFile(work.at('in.tgz'), bytes);
    const controller = new AbortController();
    const reason = new Error('enough');
    const unpacking = unpackTarball(work.at('in.tgz'), work.at('a/out'), {
      signal: controller.signal,
      onEvent: () => controller.abort(reason),
    });
    await expect(unpacking).rejects.toBe(reason);
    expect(await readdir(work.path)).toEqual(['in.tgz']);
  });
});
