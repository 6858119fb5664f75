import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {
  chmodSync,
  cpSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {truncate} from 'node:fs/promises';
import {createServer} from 'node:net';
import {join} from 'node:path';
import * as zlib from 'node:zlib';
import {gunzipSync} from 'node:zlib';
import {describe, expect, test} from '@jest/globals';
import {
  extractArchive,
  openArchive,
  readEntries,
  runtimeFacts,
  unpackTarball,
  verifyArchive,
  writeArchive,
  type ArchiveTarget,
  type WriteEvent,
} from '@keelson/archive';
import {expectFault, faultOf, packageRoot, testdir} from '@keelson/test-kit';
import {newTree} from '../dist/new-tree.js';
import {FACTS} from './facts.ts';

const TREE = {
  'package.json': '{"name": "app"}',
  'bin/start': {mode: 0o755, content: '#!/bin/sh\n'},
  'lib/a.js': 'a',
  'lib/\u00fcber/\u{1f600}.js': 'astral',
  'lib/\uffee.js': 'sorts before what is astral',
  [`node_modules/${'deep/'.repeat(40)}index.js`]: 'a path that does not fit into a tar header',
  'node_modules/.bin/dep': {link: '../dep/cli.js'},
  'node_modules/dep/cli.js': {mode: 0o755, content: 'cli'},
  'node_modules/dep/empty.txt': '',
  'tmp/empty/': '',
};

test('the C library of this Node is the one of its report', () => {
  const {header} = process.report.getReport() as {header: {glibcVersionRuntime?: string}};
  const linux = header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  expect(runtimeFacts().libc).toBe(process.platform === 'linux' ? linux : undefined);
});

describe('an archive', () => {
  test('tells what it is, and begins with its manifest', async () => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    const archive = await writeArchive(app.path, {facts: FACTS, to: work.at('app.tgz')});
    const bytes = readFileSync(work.at('app.tgz'));
    const {manifest, ...rest} = archive;
    expect(rest).toEqual({
      kind: 'archive',
      form: 'file',
      path: work.at('app.tgz'),
      digest: manifest.digest,
      fileDigest: `sha256-${createHash('sha256').update(bytes).digest('hex')}`,
      bytes: bytes.length,
    });
    expect(manifest).toMatchObject({...FACTS, schema: 1, contents: {entries: 9}});
    expect(JSON.parse(JSON.stringify(archive))).toEqual(archive);
    expect(gunzipSync(bytes).toString('latin1', 0, 20)).toBe('package/keelson.json');
    const {fileDigest: _, ...opened} = archive;
    expect(await openArchive(work.at('app.tgz'))).toEqual(opened);
  });

  test('has the digest that its documentation says', async () => {
    await using work = await testdir();
    await using app = await testdir({'b/run': {mode: 0o744, content: 'x'}, 'a.js': 'y', l: {link: 'a.js'}});
    const {digest} = await writeArchive(app.path, {facts: FACTS, to: work.at('app.tar')});
    const sha = (text: string) => createHash('sha256').update(text).digest('hex');
    const lines = [`a.js\0${'644'}\0${sha('y')}\n`, `b/run\0${'755'}\0${sha('x')}\n`, `l\0link\0a.js\n`];
    expect(digest).toBe(`sha256-${sha(lines.join(''))}`);
  });

  test('lists its entries sorted by the bytes of their paths', async () => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    const archive = await writeArchive(app.path, {facts: FACTS, to: work.at('app.tar')});
    const paths = (await readEntries(archive)).map(({path}) => path);
    expect(paths).toEqual([...paths].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    expect(paths).toHaveLength(9);
  });

  test('can be read by GNU tar', async () => {
    await using work = await testdir({'out/': ''});
    await using app = await testdir(TREE);
    const {digest} = await writeArchive(app.path, {facts: FACTS, to: work.at('app.tgz')});
    execFileSync('tar', ['xzf', work.at('app.tgz'), '-C', work.at('out'), '--warning=no-timestamp']);
    rmSync(work.at('out/package/keelson.json'));
    const again = await writeArchive(work.at('out/package'), {facts: FACTS, to: work.at('again.tgz')});
    expect(again.digest).toBe(digest);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'is complete or not there at all (aborted at block %i)',
    async (block) => {
      await using work = await testdir({'app.tgz': 'the one before'});
      await using app = await testdir({
        'a.bin': Buffer.alloc(7 * 1024 * 1024, 'ab'),
        'b.bin': Buffer.alloc(3_000_000),
      });
      const controller = new AbortController();
      const reason = new Error('enough');
      let seen = 0;
      const onEvent = ({type}: WriteEvent) => {
        if (type === 'archive:packed' && ++seen === block) controller.abort(reason);
      };
      const target = {facts: FACTS, to: work.at(block % 2 === 0 ? 'app.tgz' : 'app.tar')};
      await expect(writeArchive(app.path, target, {signal: controller.signal, onEvent})).rejects.toBe(reason);
      expect(readdirSync(work.path)).toEqual(['app.tgz']);
      expect(await work.read('app.tgz')).toBe('the one before');
    },
  );

  test('replaces the one before', async () => {
    await using work = await testdir({'app.tgz': 'the one before'});
    await using app = await testdir(TREE);
    const {digest} = await writeArchive(app.path, {facts: FACTS, to: work.at('app.tgz')});
    expect((await openArchive(work.at('app.tgz'))).digest).toBe(digest);
    expect(readdirSync(work.path)).toEqual(['app.tgz']);
  });

  test('holds large files, and tells how far it is', async () => {
    await using work = await testdir();
    const big = Buffer.from(Array.from({length: 3_500_000}, (_, index) => (index * 7) % 253));
    await using app = await testdir({
      'big.bin': big,
      'just.bin': big.subarray(0, 1024 * 1024),
      'small.txt': 'x',
    });
    const progress: number[] = [];
    const onEvent = (event: WriteEvent) => event.type === 'archive:packed' && progress.push(event.done);
    const archive = await writeArchive(app.path, {facts: FACTS, to: work.at('app.tgz')}, {onEvent});
    expect((await verifyArchive(archive)).problems).toEqual([]);
    await extractArchive(archive, work.at('out'));
    expect(readFileSync(work.at('out/big.bin')).equals(big)).toBe(true);
    expect(progress.at(-1)).toBe(archive.manifest.contents.bytes);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });
});

describe('the same tree gives the same bytes', () => {
  const variations: readonly (readonly [string, (dir: string) => void])[] = [
    [
      'with other times',
      (dir) => {
        utimesSync(`${dir}/lib/a.js`, 1, 1);
        lutimesSync(`${dir}/node_modules/.bin/dep`, 7, 7);
        utimesSync(`${dir}/lib`, 2_000_000_000, 2_000_000_000);
      },
    ],
    [
      'with other modes beyond x',
      (dir) => {
        chmodSync(`${dir}/lib/a.js`, 0o600);
        chmodSync(`${dir}/bin/start`, 0o710);
        chmodSync(`${dir}/lib`, 0o777);
      },
    ],
    [
      'written in another order',
      (dir) => {
        const content = readFileSync(`${dir}/package.json`);
        rmSync(`${dir}/package.json`);
        renameSync(`${dir}/lib`, `${dir}/zzz`);
        renameSync(`${dir}/zzz`, `${dir}/lib`);
        writeFileSync(`${dir}/package.json`, content);
        rmSync(`${dir}/node_modules/.bin/dep`);
        symlinkSync('../dep/cli.js', `${dir}/node_modules/.bin/dep`);
      },
    ],
    [
      'with what stays out anyway',
      (dir) => {
        mkdirSync(`${dir}/.git`);
        writeFileSync(`${dir}/.git/HEAD`, 'x');
        writeFileSync(`${dir}/.env`, 'SECRET=1');
        mkdirSync(`${dir}/node_modules/.cache`);
        writeFileSync(`${dir}/node_modules/.cache/x`, String(Math.random()));
      },
    ],
  ];
  test.each(variations)('%s', async (_title, vary) => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    cpSync(app.path, work.at('copy'), {recursive: true, verbatimSymlinks: true});
    vary(work.at('copy'));
    const [one, two] = [
      await writeArchive(app.path, {facts: FACTS, to: work.at('one.tgz')}),
      await writeArchive(work.at('copy'), {facts: FACTS, to: work.at('two.tgz')}),
    ];
    expect(two.fileDigest).toBe(one.fileDigest);
  });

  test('under another umask, locale and time zone, in another process', async () => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    const one = await writeArchive(app.path, {facts: FACTS, to: work.at('one.tgz')});
    const program = `
      import {writeArchive} from '@keelson/archive';
      process.umask(0o077);
      const [dir, to, facts] = process.argv.slice(1);
      const {fileDigest} = await writeArchive(dir, {facts: JSON.parse(facts), to});
      console.log(fileDigest);`;
    const printed = execFileSync(
      process.execPath,
      ['--input-type=module', '-e', program, app.path, work.at('two.tgz'), JSON.stringify(FACTS)],
      {
        cwd: import.meta.dirname,
        env: {...process.env, LC_ALL: 'tr_TR.UTF-8', TZ: 'Asia/Kathmandu'},
        encoding: 'utf8',
      },
    );
    expect(printed.trim()).toBe(one.fileDigest);
    expect(readFileSync(work.at('two.tgz')).equals(readFileSync(work.at('one.tgz')))).toBe(true);
  });

  test('and the same digest whether it is compressed or not, whatever the time in it', async () => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    const archives = [
      await writeArchive(app.path, {facts: FACTS, to: work.at('a.tgz')}),
      await writeArchive(app.path, {facts: FACTS, to: work.at('a.tar.gz')}),
      await writeArchive(app.path, {facts: FACTS, to: work.at('a.tar')}),
      await writeArchive(app.path, {facts: FACTS, to: work.at('b.tar'), modifiedAt: 1_700_000_000}),
    ];
    expect(new Set(archives.map(({digest}) => digest)).size).toBe(1);
    const files = archives.map(({fileDigest}) => fileDigest);
    expect(files[0]).toBe(files[1]);
    expect(new Set(files).size).toBe(3);
  });

  test('and another tree another digest', async () => {
    await using work = await testdir();
    const digests = new Set<string>();
    for (const tree of [
      {a: 'x'},
      {a: 'y'},
      {b: 'x'},
      {a: {mode: 0o755, content: 'x'}},
      {a: {link: 'x'}},
      {a: 'x', b: ''},
    ]) {
      await using app = await testdir(tree);
      digests.add((await writeArchive(app.path, {facts: FACTS, to: work.at('a.tar')})).digest);
    }
    expect(digests.size).toBe(6);
  });
});

describe('out stays', () => {
  const cases: readonly (readonly [path: string, content: string, because: RegExp | undefined])[] = [
    ['.git/HEAD', 'x', /history/],
    ['packages/a/.git', 'gitdir: x', /history/],
    ['node_modules/dep/.git/HEAD', 'x', /history/],
    ['.env', 'A=1', /deploy time/],
    ['.env.production', 'A=1', /deploy time/],
    ['.env.local', 'A=1', /deploy time/],
    ['.envrc', 'A=1', /deploy time/],
    ['packages/a/.env', 'A=1', /deploy time/],
    ['.env.example', 'A=', undefined],
    ['.env.sample', 'A=', undefined],
    ['env', 'A=', undefined],
    ['node_modules/dep/.env', 'A=1', undefined],
    ['.env.template', 'A=', undefined],
    ['.env.local.example', 'A=', undefined],
    ['.env.example.local', 'A=1', /deploy time/],
    ['.npmrc', 'the builder looks into it', undefined],
    ['.DS_Store', 'x', /editor/],
    ['lib/._a.js', 'x', /editor/],
    ['lib/.a.js.swp', 'x', /editor/],
    ['lib/a.js~', 'x', /editor/],
    ['xgit/a.js', 'strong-build lost these', undefined],
    ['jhg/a.js', 'and these', undefined],
    ['CVS/Entries', 'and these', undefined],
    ['node_modules/.cache/x', 'x', /every install/],
    ['node_modules/.modules.yaml', 'x', /every install/],
    ['node_modules/.pnpm-workspace-state-v1.json', 'x', /every install/],
    ['packages/a/node_modules/.yarn-integrity', 'x', /every install/],
    ['node_modules/.package-lock.json', '{}', undefined],
    ['.cache/x', 'of the app', undefined],
    ['.gitignore', 'x', undefined],
    ['dist/app.js', 'git ignores it, the archive does not', undefined],
  ];
  test.each(cases)('%s %j: %s', async (path, content, because) => {
    await using work = await testdir();
    await using app = await testdir({'package.json': '{}', [path]: content});
    const events: WriteEvent[] = [];
    const onEvent = (event: WriteEvent) => void events.push(event);
    const archive = await writeArchive(app.path, {facts: FACTS, to: work.at('a.tar')}, {onEvent});
    const paths = (await readEntries(archive)).map((entry) => entry.path);
    expect(paths.includes(path)).toBe(because === undefined);
    const excluded = events.flatMap((event) => (event.type === 'archive:excluded' ? [event] : []));
    const reasons = excluded.map((event) => because?.test(event.because));
    expect(reasons).toEqual(because === undefined ? [] : [true]);
  });

  test('a disk without room is told by the file that was to be written', async () => {
    await using work = await testdir();
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {code: 'ENOSPC'});
    const failing = newTree(work.at('tree'), () => Promise.reject(full));
    await expect(failing).rejects.toMatchObject({code: 'ENOSPC', path: work.at('tree')});
    await using app = await testdir({'a.js': 'a'});
    const onEvent = ({type}: WriteEvent) => {
      if (type === 'archive:packed') throw Object.assign(new Error('full'), {code: 'ENOSPC'});
    };
    const packing = writeArchive(app.path, {facts: FACTS, to: work.at('a.tar')}, {onEvent});
    await expect(packing).rejects.toMatchObject({code: 'ENOSPC', path: work.at('a.tar')});
    expect(await work.list()).toEqual([]);
  });

  test('what the caller excludes', async () => {
    await using work = await testdir();
    await using app = await testdir({'a.js': 'a', 'old/b.js': 'b'});
    const exclude = (path: string) => (path === 'old' ? 'it is old' : undefined);
    const archive = await writeArchive(app.path, {facts: FACTS, to: work.at('a.tar'), exclude});
    expect((await readEntries(archive)).map(({path}) => path)).toEqual(['a.js']);
  });
});

describe('refuses', () => {
  const unsafe: readonly (readonly [string, Parameters<typeof testdir>[0], RegExp])[] = [
    [
      'a link out',
      {'a/l': {link: '../../x'}},
      /"a\/l" .* is a link to "..\/..\/x" and leads out of the tree/,
    ],
    ['an absolute link', {l: {link: '/etc/passwd'}}, /points to an absolute path/],
    ['names that differ by case', {'README.md': 'a', 'readme.md': 'b'}, /differs from .* only by case/],
    ['a backslash', {'a\\b': 'x'}, /backslash/],
    ['a control character', {'a\nb': 'x'}, /control character/],
  ];
  test.each(unsafe)('%s', async (_title, tree, message) => {
    await using work = await testdir();
    await using app = await testdir(tree);
    const fault = await expectFault(
      writeArchive(app.path, {facts: FACTS, to: work.at('a.tgz')}),
      'ARCHIVE_UNSAFE_ENTRY',
    );
    expect(fault.message).toMatch(message);
    expect(fault.message).toContain(app.path);
    expect(readdirSync(work.path)).toEqual([]);
  });

  test('more than may be unpacked, unless that is raised', async () => {
    await using work = await testdir();
    await using app = await testdir({'a.js': 'a', 'empty/': ''});
    await truncate(app.at('a.js'), 2 ** 31 + 1);
    const refusal = async (limits?: ArchiveTarget['limits']) => {
      const target = {facts: FACTS, to: work.at('a.tar'), limits};
      return (await expectFault(writeArchive(app.path, target), 'ARCHIVE_TOO_LARGE')).message;
    };
    expect(await refusal()).toBe(
      `${app.path} is too large: its files have 2147483649 bytes, and those of an archive up to 2147483648`,
    );
    expect(await refusal({bytes: 2 ** 32, entries: 2})).toMatch(/has 2 files, links and empty folders/);
    expect(readdirSync(work.path)).toEqual([]);
    await truncate(app.at('a.js'), 1);
    await writeArchive(app.path, {facts: FACTS, to: work.at('a.tar'), limits: {entries: 3}});
    await unpackTarball(work.at('a.tar'), work.at('out'), {limits: {entries: 3}});
  });

  test('a socket', async () => {
    await using work = await testdir();
    await using app = await testdir({'a.js': ''});
    const server = createServer().listen(app.at('control.sock'));
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const fault = await expectFault(
        writeArchive(app.path, {facts: FACTS, to: work.at('a.tgz')}),
        'ARCHIVE_UNSAFE_ENTRY',
      );
      expect(fault.message).toMatch(/"control.sock" .* is a socket/);
    } finally {
      server.close();
    }
  });

  test.each(['keelson.json', 'KEELSON.json'])('a %s at the root, and takes one elsewhere', async (name) => {
    await using work = await testdir();
    await using app = await testdir({'sub/keelson.json': '{}'});
    await writeArchive(app.path, {facts: FACTS, to: work.at('a.tgz')});
    await app.write({[name]: '{}'});
    const fault = await expectFault(
      writeArchive(app.path, {facts: FACTS, to: work.at('a.tgz')}),
      'ARCHIVE_RESERVED_NAME',
    );
    expect(fault.hint).toMatch(/unpacked archive/);
  });

  test.each([
    ['another ending', 'a.zip', /no name of an archive/],
    ['a folder that is not there', 'no/a.tgz', /there is no folder/],
    ['a folder', 'folder.tgz', /is a folder/],
  ])('%s', async (_title, name, message) => {
    await using work = await testdir({'folder.tgz/': ''});
    const fault = await expectFault(
      writeArchive(work.path, {facts: FACTS, to: work.at(name)}),
      'ARCHIVE_DESTINATION',
    );
    expect(fault.message).toMatch(message);
  });

  test.each(['file', 'nothing'])('a %s, which is no folder', async (name) => {
    await using work = await testdir({file: ''});
    const fault = await faultOf(writeArchive(work.at(name), {facts: FACTS, to: work.at('a.tgz')}));
    expect(fault).toMatchObject({code: 'ARCHIVE_MISSING', message: `${work.at(name)} is not a folder`});
  });

  const whereZstdIsAProgram = 'createZstdCompress' in zlib ? test.skip : test;
  /* oxlint-disable jest/no-standalone-expect -- it is a test */
  whereZstdIsAProgram('an abort while zstd works leaves no process behind', async () => {
    await using work = await testdir({
      'app/a.js': 'a',
      'out/': '',
      'bin/zstd': {
        mode: 0o755,
        content: '#!/bin/sh\necho $$ > "$0.new" && mv "$0.new" "$0.pid"\nexec cat >/dev/null',
      },
    });
    const program = join(packageRoot(import.meta.url), 'test/fixtures/abort-zstd.mjs');
    const said = execFileSync(process.execPath, [program, work.path, JSON.stringify(FACTS)], {
      env: {...process.env, PATH: `${work.at('bin')}:${process.env['PATH']}`},
      encoding: 'utf8',
    });
    expect(JSON.parse(said)).toEqual({thrown: 'enough', zstdIsThere: false});
    expect(readdirSync(work.at('out'))).toEqual([]);
  });
  /* oxlint-enable jest/no-standalone-expect */

  test('a file that changes while it is packed', async () => {
    await using work = await testdir();
    await using app = await testdir({'a.js': 'a', 'z.txt': 'before'});
    // Found, and then gone: the first event of the packing comes after all files were looked at.
    const exclude = (path: string) => void (path === 'z.txt' && rmSync(app.at('z.txt')));
    const fault = await expectFault(
      writeArchive(app.path, {facts: FACTS, to: work.at('a.tar'), exclude}),
      'ARCHIVE_CHANGED',
    );
    expect(fault).toMatchObject({temporary: true});
    expect(fault.message).toMatch(/"z.txt" in .* changed while it was read/);
    expect(readdirSync(work.path)).toEqual([]);
  });
});
