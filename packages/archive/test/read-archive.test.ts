import {readFileSync, readdirSync, renameSync, statSync} from 'node:fs';
import {chmod, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {gunzipSync, gzipSync} from 'node:zlib';
import {describe, expect, test} from '@jest/globals';
import {
  extractArchive,
  findUnsafeLink,
  isBuilt,
  openArchive,
  readEntries,
  resolveArchive,
  verifyArchive,
  verifyTree,
  writeArchive,
  type Archive,
} from '@keelson/archive';
import {expectFault, packageRoot, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';
import fc from 'fast-check';
import {manifestJsonSchema} from '../dist/manifest-schema.js';
import {FACTS} from './facts.ts';
import {rawTar} from './raw-tar.ts';

const TREE: Tree = {
  'package.json': '{"name": "app"}',
  'bin/start': {mode: 0o755, content: '#!/bin/sh\n'},
  'lib/a.js': 'a',
  'lib/b.js': 'b',
  'node_modules/.bin/dep': {link: '../dep/cli.js'},
  'node_modules/dep/cli.js': {mode: 0o755, content: 'cli'},
  'tmp/empty/': '',
};

/** An archive in both forms, and a place to work. */
async function archives(
  tree: Tree = TREE,
): Promise<{work: TestDirectory; file: Archive; directory: Archive}> {
  const work = await testdir();
  await using app = await testdir(tree);
  const file = await writeArchive(app.path, {facts: FACTS, to: work.at('app.tgz')});
  await extractArchive(file, work.at('tree'));
  return {work, file, directory: await openArchive(work.at('tree'))};
}

/** A tarball of a folder as a liar would make it: the files are not what keelson.json says. */
function tarballWith(
  text: string,
  more: readonly {name: string; content: string; mode?: number}[] = [],
): Buffer {
  return gzipSync(rawTar([{name: 'package/keelson.json', content: text}, ...more]));
}

describe('extractArchive', () => {
  test.each(['file', 'directory'] as const)('of a %s gives the same tree', async (form) => {
    const all = await archives();
    await using work = all.work;
    const archive = all[form];
    await extractArchive(archive, work.at('out'));
    expect(await work.list('out')).toEqual(
      [...Object.keys(TREE).filter((path) => !path.endsWith('/')), 'keelson.json'].sort(),
    );
    expect(statSync(work.at('out/tmp/empty')).isDirectory()).toBe(true);
    expect(statSync(work.at('out')).mode & 0o777).toBe(0o755);
    expect(statSync(work.at('out/bin/start')).mode & 0o777).toBe(0o755);
    expect(statSync(work.at('out/lib/a.js')).mode & 0o777).toBe(0o644);
    expect(await verifyTree(work.at('out'))).toEqual({
      kind: 'verification',
      digest: archive.digest,
      problems: [],
    });
    expect(await isBuilt(work.at('out'))).toBe(true);
  });

  test('of a directory without its empty folders, as git brings it, makes them', async () => {
    const {work: all, directory} = await archives();
    await using work = all;
    await rm(work.at('tree/tmp'), {recursive: true});
    await chmod(work.at('tree/bin/start'), 0o700);
    await extractArchive(directory, work.at('copy'));
    expect(statSync(work.at('copy/tmp/empty')).isDirectory()).toBe(true);
    expect(statSync(work.at('copy/bin/start')).mode & 0o777).toBe(0o755);
    expect(await work.list('tree')).toContain('lib/a.js');
  });

  test('moves a directory when told, with modes and empty folders put right', async () => {
    const {work: all, directory} = await archives();
    await using work = all;
    await rm(work.at('tree/tmp'), {recursive: true});
    await chmod(work.at('tree/lib/a.js'), 0o600);
    await chmod(work.at('tree/lib'), 0o700);
    const inode = statSync(work.at('tree/lib/a.js')).ino;
    await extractArchive(directory, work.at('deep/out'), {move: true});
    expect(statSync(work.at('deep/out/lib/a.js')).ino).toBe(inode);
    expect(statSync(work.at('deep/out/lib/a.js')).mode & 0o777).toBe(0o644);
    expect(statSync(work.at('deep/out/lib')).mode & 0o777).toBe(0o755);
    expect(statSync(work.at('deep/out/tmp/empty')).isDirectory()).toBe(true);
    expect(readdirSync(work.path).sort()).toEqual(['app.tgz', 'deep']);
  });

  test('does not take a repository along', async () => {
    const {work: all, directory} = await archives();
    await using work = all;
    await work.write({'tree/.git/HEAD': 'ref: x'});
    await extractArchive(directory, work.at('copy'));
    await extractArchive(directory, work.at('moved'), {move: true});
    for (const name of ['copy', 'moved']) expect(await work.list(name)).not.toContain('.git/HEAD');
    expect(readdirSync(work.path)).not.toContain('tree');
  });

  const CHANGES: readonly (readonly [string, (at: (path: string) => string) => Promise<unknown>, RegExp])[] =
    [
      ['another content', (at) => writeFile(at('lib/a.js'), 'A'), /"lib\/a.js" has other content/],
      ['a mode', (at) => chmod(at('lib/a.js'), 0o755), /"lib\/a.js" is executable/],
      ['a mode the other way', (at) => chmod(at('bin/start'), 0o644), /"bin\/start" is not executable/],
      ['a missing file', (at) => rm(at('lib/b.js')), /"lib\/b.js" is missing/],
      ['a file too many', (at) => writeFile(at('lib/c.js'), ''), /"lib\/c.js" is not listed/],
      [
        'a link for a file',
        async (at) => {
          await rm(at('lib/a.js'));
          await symlink('b.js', at('lib/a.js'));
        },
        /"lib\/a.js" is a link/,
      ],
      [
        'a file for a link',
        async (at) => {
          await rm(at('node_modules/.bin/dep'));
          await writeFile(at('node_modules/.bin/dep'), '');
        },
        /"node_modules\/.bin\/dep" is not a link/,
      ],
      [
        'another link',
        async (at) => {
          await rm(at('node_modules/.bin/dep'));
          await symlink('../dep/other.js', at('node_modules/.bin/dep'));
        },
        /"node_modules\/.bin\/dep" points somewhere else/,
      ],
    ];
  test.each(CHANGES)(
    'of a directory with %s is refused, and verifyTree tells why',
    async (_title, change, message) => {
      const {work: all, directory} = await archives();
      await using work = all;
      await change((path) => work.at(`tree/${path}`));
      for (const move of [false, true]) {
        const fault = await expectFault(
          extractArchive(directory, work.at('x/out'), {move}),
          'ARCHIVE_DIGEST',
        );
        expect(fault.message).toMatch(message);
      }
      expect(readdirSync(work.path).sort()).toEqual(['app.tgz', 'tree']);
      const {problems, digest} = await verifyTree(directory.path);
      expect(problems).toHaveLength(1);
      expect(problems.map(({path, because}) => `${JSON.stringify(path)} ${because}`).join()).toMatch(message);
      expect(digest).not.toBe(directory.digest);
    },
  );

  test('of a tarball whose files are not what it says is refused, and verifyArchive tells why', async () => {
    const {work: all} = await archives({'a.js': 'a', 'b.js': 'b', 'c.js': 'c', 'd.js': 'd', 'e.js': 'e'});
    await using work = all;
    const text = await readFile(work.at('tree/keelson.json'), 'utf8');
    const files = ['A', 'B', 'C', 'D'].map((content) => ({
      name: `package/${content.toLowerCase()}.js`,
      content,
    }));
    await writeFile(work.at('liar.tgz'), tarballWith(text, files));
    const archive = await openArchive(work.at('liar.tgz'));
    const fault = await expectFault(extractArchive(archive, work.at('x/out')), 'ARCHIVE_DIGEST');
    expect(fault.message).toMatch(/"a.js" has other content; "b.js" .*; "c.js" .*; and 2 more$/);
    expect(readdirSync(work.path).sort()).toEqual(['app.tgz', 'liar.tgz', 'tree']);
    const {problems} = await verifyArchive(archive);
    expect(problems.map(({path}) => path)).toEqual(['a.js', 'b.js', 'c.js', 'd.js', 'e.js']);
    expect(problems.at(-1)).toEqual({path: 'e.js', because: 'is missing'});
  });

  test('of a tarball that was replaced after it was opened is refused', async () => {
    const {work: all, file} = await archives();
    await using work = all;
    await using other = await testdir({'evil.js': 'x'});
    await writeArchive(other.path, {facts: FACTS, to: work.at('app.tgz')});
    await expectFault(extractArchive(file, work.at('out')), 'ARCHIVE_DIGEST');
    expect(readdirSync(work.path)).not.toContain('out');
  });

  test('of a directory that lists an empty folder outside is refused', async () => {
    const {work: all, directory} = await archives({'a.js': 'a', l: {link: 'a.js'}, 'x/': ''});
    await using work = all;
    const good = await readFile(work.at('tree/keelson.json'), 'utf8');
    for (const folder of ['../../evil', 'l/evil', 'a.js', '/evil']) {
      await writeFile(work.at('tree/keelson.json'), good.replace('"x"', JSON.stringify(folder)));
      await expectFault(extractArchive(directory, work.at('out')), 'ARCHIVE_UNSAFE_ENTRY');
    }
    expect(readdirSync(work.path).sort()).toEqual(['app.tgz', 'tree']);
  });
});

describe('openArchive', () => {
  test.each([
    ['nothing there', 'no.tgz', 'ARCHIVE_MISSING'],
    ['a folder without keelson.json', 'folder', 'ARCHIVE_NOT_BUILT'],
    ['an npm tarball', 'npm.tgz', 'ARCHIVE_NOT_BUILT'],
    ['a text', 'text.tgz', 'ARCHIVE_CORRUPT'],
    ['an empty file', 'empty.tgz', 'ARCHIVE_CORRUPT'],
  ])('%s', async (_title, name, code) => {
    await using work = await testdir({
      'folder/package.json': '{}',
      'npm.tgz': gzipSync(rawTar([{name: 'package/package.json', content: '{}'}])),
      'text.tgz': 'this is no tarball\n'.repeat(100),
      'empty.tgz': '',
    });
    const fault = await expectFault(openArchive(work.at(name)), code);
    expect(fault.message).toContain(work.at(name));
    expect(fault.hint?.startsWith('Build one: keelson build')).toBe(
      code === 'ARCHIVE_NOT_BUILT' ? true : undefined,
    );
  });

  test('reads no more than the first entry', async () => {
    const {work: all, file} = await archives();
    await using work = all;
    const tar = gunzipSync(await readFile(work.at('app.tgz')));
    await writeFile(
      work.at('cut.tar'),
      tar.subarray(0, tar.indexOf('package/bin/start') - (tar.indexOf('package/bin/start') % 512)),
    );
    expect((await openArchive(work.at('cut.tar'))).manifest).toEqual(file.manifest);
  });

  const at = (text: string, from: string | RegExp, to: string) => text.replace(from, to);
  const LIES: readonly (readonly [string, (text: string) => string, string, RegExp])[] = [
    ['no JSON', () => '{', 'ARCHIVE_CORRUPT', /it is not JSON/],
    ['no object', () => '[]', 'ARCHIVE_CORRUPT', /not of type object/],
    [
      'another schema',
      (text) => at(text, '"schema": 1', '"schema": 2'),
      'ARCHIVE_CORRUPT',
      /schema 2, and this version/,
    ],
    [
      'a wrong type',
      (text) => at(text, '"version": "1.2.3"', '"version": 1'),
      'ARCHIVE_CORRUPT',
      /version: /,
    ],
    [
      'a changed hash',
      (text) => at(text, /"sha256":"[0-9a-f]{4}/, '"sha256":"0000'),
      'ARCHIVE_DIGEST',
      /its entries give sha256-/,
    ],
    [
      'a changed mode',
      (text) => at(text, '"mode":"755"', '"mode":"644"'),
      'ARCHIVE_DIGEST',
      /its entries give/,
    ],
    ['a changed sum', (text) => at(text, /"bytes": \d+/, '"bytes": 7'), 'ARCHIVE_CORRUPT', /do not add up/],
    [
      'a changed count',
      (text) => at(text, /"entries": \d+/, '"entries": 7'),
      'ARCHIVE_CORRUPT',
      /do not add up/,
    ],
    [
      'an entry outside',
      (text) => at(text, '"path":"bin/start"', '"path":"../start"'),
      'ARCHIVE_UNSAFE_ENTRY',
      /leads out/,
    ],
    [
      'a link outside',
      (text) => at(text, '../dep/cli.js', '/etc/passwd'),
      'ARCHIVE_UNSAFE_ENTRY',
      /absolute path/,
    ],
    [
      'entries out of order',
      (text) => at(text, '"path":"bin/start"', '"path":"zzz"'),
      'ARCHIVE_CORRUPT',
      /out of order/,
    ],
  ];
  test.each(LIES)('of a manifest with %s', async (_title, lie, code, message) => {
    const {work: all} = await archives();
    await using work = all;
    const text = lie(await readFile(work.at('tree/keelson.json'), 'utf8'));
    await writeFile(work.at('tree/keelson.json'), text);
    await writeFile(work.at('liar.tgz'), tarballWith(text));
    for (const path of ['tree', 'liar.tgz']) {
      const fault = await expectFault(openArchive(work.at(path)), code);
      expect(fault.message).toMatch(message);
      expect(fault.message).toContain(`keelson.json of ${work.at(path)}`);
    }
  });

  test('passes over keys that a later version may have', async () => {
    const {work: all, directory} = await archives();
    await using work = all;
    const text = await readFile(work.at('tree/keelson.json'), 'utf8');
    const later = text
      .replace('"name"', '"later": {"x": 1}, "name"')
      .replace('"libc"', '"kernel": "6", "libc"')
      .replace('"mode":"755"', '"owner":"x","mode":"755"');
    await writeFile(work.at('tree/keelson.json'), later);
    expect(await openArchive(work.at('tree'))).toEqual(directory);
    expect(await readEntries(directory)).not.toContainEqual(expect.objectContaining({owner: 'x'}));
  });

  test('stops at once when aborted', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await using work = await testdir({'keelson.json': '{}'});
    await expect(openArchive(work.path, {signal})).rejects.toBe(reason);
  });
});

describe('resolveArchive', () => {
  test('takes a path, or the JSON of an archive that is still the same', async () => {
    const {work: all, file} = await archives();
    await using work = all;
    const {fileDigest: _, ...opened} = file;
    expect(await resolveArchive(file.path)).toEqual(opened);
    expect(await resolveArchive(JSON.parse(JSON.stringify(file)))).toEqual(opened);
    await expectFault(resolveArchive({...file, digest: 'sha256-0'}), 'ARCHIVE_DIGEST');
    for (const value of [undefined, null, 7, [], {}, {kind: 'release', path: '/'}])
      await expectFault(resolveArchive(value), 'ARCHIVE_MISSING');
    renameSync(work.at('app.tgz'), work.at('other.tgz'));
    await expectFault(resolveArchive(file), 'ARCHIVE_MISSING');
  });
});

test('isBuilt', async () => {
  await using work = await testdir({'a/keelson.json': '{}', 'b/x': '', 'c/keelson.json/x': ''});
  expect(await Promise.all(['a', 'b', 'c', 'd'].map((name) => isBuilt(work.at(name))))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

describe('findUnsafeLink', () => {
  const safe: readonly (readonly [string, Record<string, string>])[] = [
    ['nothing', {}],
    ['a sibling', {l: 'x'}],
    ['up and down again', {'a/l': '../b/c'}],
    [
      'npm workspaces: through another link',
      {'node_modules/ws': '../packages/ws', 'node_modules/.bin/ws': '../ws/cli.js'},
    ],
    [
      'pnpm',
      {
        'node_modules/a': '.pnpm/a@1/node_modules/a',
        'node_modules/.pnpm/a@1/node_modules/b': '../../b@1/node_modules/b',
      },
    ],
    ['to the root itself', {'a/l': '..'}],
    ['a chain', {a: 'b', b: 'c', c: 'd'}],
    ['dangling', {a: 'nothing/here'}],
  ];
  test.each(safe)('finds nothing in %s', (_title, links) => {
    expect(findUnsafeLink(new Map(Object.entries(links)))).toBeUndefined();
  });

  // What the kernel would do, on strings: every path that it can reach from a link must stay below the root.
  test('agrees with a walk of all paths', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const path = fc.array(name, {minLength: 1, maxLength: 3}).map((parts) => parts.join('/'));
    const target = fc
      .array(fc.constantFrom('a', 'b', 'c', '..', '.'), {minLength: 1, maxLength: 5})
      .map((parts) => parts.join('/'));
    const links = fc.array(fc.tuple(path, target), {maxLength: 4}).map((entries) => new Map(entries));
    const leaves = (start: string, all: ReadonlyMap<string, string>): boolean => {
      let hops = 0;
      const walk = (from: readonly string[], to: string): readonly string[] | undefined => {
        let at: readonly string[] | undefined = from;
        for (const part of to.split('/')) {
          if (at === undefined) return undefined;
          if (part === '.') continue;
          if (part === '..') at = at.length === 0 ? undefined : at.slice(0, -1);
          else {
            const next: string = [...at, part].join('/');
            const link = all.get(next);
            if (link !== undefined && ++hops > 40) return undefined;
            at = link === undefined ? [...at, part] : walk(at, link);
          }
        }
        return at;
      };
      return walk([], start) === undefined;
    };
    fc.assert(
      fc.property(links, (all) => {
        const bad = [...all.keys()].some((start) => leaves(start, all));
        expect(findUnsafeLink(all) !== undefined).toBe(bad);
      }),
    );
  });
});

describe('any tree', () => {
  const name = fc.oneof(
    fc.constantFrom(
      'a',
      'b.js',
      'node_modules',
      '@scope',
      '.bin',
      'x-y',
      'x.y',
      ' ',
      'ß',
      '日本',
      '😀',
      'e\u0301',
    ),
    fc
      .string({minLength: 1, maxLength: 12})
      .map((text) => `n${text.replace(/[\p{Cc}\\/:\ufffd~]|\p{Cs}/gu, '_')}`),
  );
  const path = fc.array(name, {minLength: 1, maxLength: 5}).map((parts) => parts.join('/'));
  const entry = fc.oneof(
    {weight: 5, arbitrary: fc.uint8Array({maxLength: 1500}).map((bytes) => Buffer.from(bytes))},
    {
      weight: 2,
      arbitrary: fc.uint8Array({maxLength: 20}).map((bytes) => ({mode: 0o755, content: Buffer.from(bytes)})),
    },
    {weight: 1, arbitrary: name.map((target) => ({link: `nowhere/${target}`}))},
  );
  const tree = fc.dictionary(path, entry, {maxKeys: 12}).map((given) => {
    // A file cannot be a folder, too, nor stand beside itself in other letters.
    const kept: Record<string, Tree[string]> = {};
    const fold = (text: string) => text.normalize('NFC').toUpperCase().normalize('NFC');
    const taken = new Map<string, string>();
    for (const [key, value] of Object.entries(given)) {
      const parts = key.split('/');
      const folders = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
      const free = folders.every((folder, index) => {
        const there = taken.get(fold(folder));
        return there === undefined || (there === `${folder}/` && index < folders.length - 1);
      });
      if (!free || key.length > 200) continue;
      for (const folder of folders.slice(0, -1)) taken.set(fold(folder), `${folder}/`);
      taken.set(fold(key), key);
      kept[key] = value;
    }
    return kept;
  });

  test('comes out of both forms as it went in', async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (given) => {
        await using work = await testdir();
        await using app = await testdir(given);
        const file = await writeArchive(app.path, {facts: FACTS, to: work.at('a.tgz')});
        await extractArchive(file, work.at('one'));
        await extractArchive(await openArchive(work.at('one')), work.at('two'));
        for (const out of ['one', 'two']) {
          await rm(work.at(`${out}/keelson.json`));
          await writeArchive(work.at(out), {facts: FACTS, to: work.at(`${out}.tgz`)});
          expect(readFileSync(work.at(`${out}.tgz`)).equals(readFileSync(work.at('a.tgz')))).toBe(true);
        }
        expect((await readEntries(file)).map(({path: one}) => one).sort()).toEqual(Object.keys(given).sort());
      }),
      {numRuns: 40},
    );
  });
});

test('schema.json is what the schema says (else: pnpm --filter @keelson/archive run schema)', async () => {
  const shipped = await readFile(join(packageRoot(import.meta.url), 'schema.json'), 'utf8');
  expect(JSON.parse(shipped)).toEqual(manifestJsonSchema());
});
