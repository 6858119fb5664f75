import {randomBytes} from 'node:crypto';
import {chmodSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {once} from 'node:events';
import {describe, expect, jest, test} from '@jest/globals';
import {checkoutTree, commitTree, initBare, readTree} from '@keelson/git';
import {describeWith, expectFault, git, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';
import fc from 'fast-check';

const date = new Date('2024-05-06T07:08:09Z');

async function bare(tree: Tree): Promise<TestDirectory & {app: string; repository: string}> {
  const prefixed = Object.fromEntries(Object.entries(tree).map(([path, entry]) => [`app/${path}`, entry]));
  const dir = await testdir({'app/': '', ...prefixed});
  await initBare(dir.at('r.git'));
  return Object.assign(dir, {app: dir.at('app'), repository: dir.at('r.git')});
}

// One suite for every way to commit.
describe.each(['pack', 'git', 'isomorphic'] as const)('%s', (way) => {
  const target = (gitDir: string) => ({gitDir, branch: 'main', message: 'app 1.0.0', date, way});

  describeWith(['git'], 'commitTree', () => {
    test('commits files byte for byte, with the modes 644, 755 and link', async () => {
      await using dir = await bare({
        'package.json': '{}',
        'crlf.txt': 'a\r\nb\r\n',
        '.gitattributes': '* text=auto\n*.txt eol=lf ident\n',
        '.gitignore': 'ignored\n',
        ignored: 'is committed all the same',
        'node_modules/.bin/run': {link: '../x/run.js'},
        'node_modules/x/run.js': {mode: 0o4775, content: '#!/usr/bin/env node\n'},
        'secret.txt': {mode: 0o600, content: '$Id$'},
        'empty/': '',
        blank: '',
      });
      const commit = await commitTree(dir.app, target(dir.repository));
      expect(commit).toEqual({
        kind: 'commit',
        revision: expect.stringMatching(/^[0-9a-f]{40}$/),
        tree: expect.stringMatching(/^[0-9a-f]{40}$/),
        changed: true,
      });
      const entries = await readTree({gitDir: dir.repository, revision: commit.revision});
      expect(Object.fromEntries(entries.map((entry) => [entry.path, `${entry.mode} ${entry.size}`]))).toEqual(
        {
          '.gitattributes': '644 31',
          '.gitignore': '644 8',
          blank: '644 0',
          'crlf.txt': '644 6',
          ignored: '644 25',
          'node_modules/.bin/run': 'link 11',
          'node_modules/x/run.js': '755 20',
          'package.json': '644 2',
          'secret.txt': '644 4',
        },
      );
      expect(await git(dir.repository, 'fsck', '--strict', '--no-dangling')).toBe('');
      expect(await git(dir.repository, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
      expect(await git(dir.repository, 'log', '-1', '--format=%an <%ae> %at %cn %ct %s', 'main')).toBe(
        'Keelson <keelson@localhost> 1714979289 Keelson 1714979289 app 1.0.0',
      );
    });

    test('the same files, date and author give the same revision anywhere', async () => {
      const tree = {'a/b': '1', 'a.b': '2', 'a-b': '3', a0: '4'};
      await using one = await bare(tree);
      await using two = await bare(Object.fromEntries(Object.entries(tree).reverse()));
      const [first, second] = await Promise.all(
        [one, two].map((dir) => commitTree(dir.app, target(dir.repository))),
      );
      expect(first).toEqual(second);
      await git(one.app, 'init', '--quiet');
      await git(one.app, 'add', '--all');
      expect(await git(one.app, 'write-tree')).toBe(first!.tree);
    });

    test('goes on top of the branch, and an unchanged tree is no new commit', async () => {
      await using dir = await bare({a: '1', b: '1'});
      const first = await commitTree(dir.app, target(dir.repository));
      expect(await commitTree(dir.app, target(dir.repository))).toEqual({...first, changed: false});
      await dir.write({'app/a': '2'});
      const second = await commitTree(dir.app, {
        ...target(dir.repository),
        author: {name: 'A <b>\n', email: 'a@b.c>'},
      });
      expect(second.changed).toBe(true);
      expect(await git(dir.repository, 'log', '--format=%H %an %ae', 'main')).toBe(
        `${second.revision} A b a@b.c\n${first.revision} Keelson keelson@localhost`,
      );
      const third = await commitTree(dir.app, {...target(dir.repository), parent: 'none'});
      expect(await git(dir.repository, 'log', '--format=%H %P', 'main')).toBe(`${third.revision} `);
      expect(await git(dir.repository, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    });

    test('leaves index, HEAD and work tree of a repository alone', async () => {
      await using dir = await testdir({'app/a': '1', 'dist/b': '2', 'app/staged': 's'});
      await git(dir.at('app'), 'init', '--quiet', '--initial-branch=main');
      await git(dir.at('app'), 'add', 'a');
      await git(dir.at('app'), 'commit', '--quiet', '-m', '1');
      await git(dir.at('app'), 'add', 'staged');
      const state = () => git(dir.at('app'), 'status', '--porcelain=v2', '--branch');
      const before = await state();
      await commitTree(dir.at('dist'), {...target(dir.at('app/.git')), branch: 'deploy/live'});
      expect(await state()).toBe(before);
      expect(await git(dir.at('app'), 'ls-tree', '-r', '--name-only', 'deploy/live')).toBe('b');
    });

    test("does not obey the user's git configuration nor a surrounding git command", async () => {
      await using dir = await bare({'a.txt': 'a\r\n'});
      await dir.write({
        'home/.gitconfig':
          '[core]\nautocrlf = input\nhooksPath = /work\nattributesFile = /nowhere\ncompression = 9\n' +
          '[commit]\ngpgSign = true\n[gpg]\nprogram = /bin/false\n[user]\nuseConfigOnly = true\n' +
          '[filter "x"]\nclean = false\nrequired = true\n[init]\ntemplateDir = /nowhere\n',
        'home/.config/git/attributes': '* filter=x\n',
      });
      const saved = {...process.env};
      try {
        Object.assign(process.env, {
          HOME: dir.at('home'),
          GIT_DIR: '/nowhere',
          GIT_INDEX_FILE: '/nowhere/index',
          GIT_OBJECT_DIRECTORY: '/nowhere/objects',
          GIT_WORK_TREE: '/nowhere',
          GIT_CONFIG_COUNT: '1',
          GIT_CONFIG_KEY_0: 'core.bare',
          GIT_CONFIG_VALUE_0: 'maybe',
        });
        delete process.env['XDG_CONFIG_HOME'];
        const {revision} = await commitTree(dir.app, target(dir.repository));
        await checkoutTree({gitDir: dir.repository, revision}, dir.at('out'));
        expect(await dir.read('out/a.txt')).toBe('a\r\n');
      } finally {
        for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
        Object.assign(process.env, saved);
      }
    });

    test.each([
      ['a nested repository', {'x/.git/HEAD': ''}, '"x/.git" is, or lies in, a .git folder'],
      ['.git in other spellings', {'x/.GIT': ''}, '"x/.GIT" is, or lies in'],
      ['what NTFS takes for .git', {'x/GIT~1': ''}, '"x/GIT~1" is, or lies in'],
      ['what HFS+ takes for .git', {'x/.g\u200cit': ''}, 'is, or lies in'],
      ['control characters', {'a\nb': ''}, '"a\\nb" has a control character'],
    ])('refuses %s', async (_, tree, because) => {
      await using dir = await bare(tree);
      const fault = await expectFault(commitTree(dir.app, target(dir.repository)), 'GIT_UNSAFE_TREE');
      expect(fault.message).toContain(because);
      expect(await git(dir.repository, 'for-each-ref')).toBe('');
    });

    test('refuses a socket', async () => {
      await using dir = await bare({a: ''});
      const server = createServer().listen(dir.at('app/socket'));
      try {
        await once(server, 'listening');
        const fault = await expectFault(commitTree(dir.app, target(dir.repository)), 'GIT_UNSAFE_TREE');
        expect(fault.message).toContain('"socket" is neither a file, a folder nor a link');
      } finally {
        server.close();
      }
    });

    test('what is no repository is named', async () => {
      await using dir = await testdir({'app/a': ''});
      const fault = await expectFault(commitTree(dir.at('app'), target(dir.at('no.git'))), 'GIT_FAILED');
      expect(fault.message).toContain(dir.at('no.git'));
    });

    test('aborting stops it with the reason and leaves no ref', async () => {
      const tree = Object.fromEntries(Array.from({length: 300}, (_, n) => [`f${n}`, `${n}`.repeat(5000)]));
      await using dir = await bare(tree);
      const reason = new RangeError('enough');
      const abort = new AbortController();
      const committing = commitTree(dir.app, target(dir.repository), {signal: abort.signal});
      setImmediate(() => abort.abort(reason));
      await expect(committing).rejects.toBe(reason);
      await expect(
        commitTree(dir.app, target(dir.repository), {signal: AbortSignal.abort(reason)}),
      ).rejects.toBe(reason);
      expect(await git(dir.repository, 'for-each-ref')).toBe('');
    });

    test('any tree comes back byte for byte', async () => {
      const name = fc.stringMatching(/^[a-c "'\\$#{}ä→.-]{1,6}$/).filter((one) => !/^\.{1,2}$/.test(one));
      const path = fc.array(name, {minLength: 1, maxLength: 3}).map((parts) => parts.join('/'));
      const content = fc.oneof(
        fc.uint8Array({maxLength: 70}),
        fc.uint8Array({minLength: 66_000, maxLength: 66_100}),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(path, content), {maxLength: 12}), async (files) => {
          const kept = files.filter(
            ([one], index) => !files.some(([other], at) => at !== index && `${other}/`.startsWith(`${one}/`)),
          );
          await using dir = await bare(Object.fromEntries(kept));
          const {revision} = await commitTree(dir.app, target(dir.repository));
          await checkoutTree({gitDir: dir.repository, revision}, dir.at('out'));
          expect(await dir.list('out')).toEqual(await dir.list('app'));
          const {readFile} = await import('node:fs/promises');
          for (const [one, bytes] of kept)
            expect(Buffer.compare(await readFile(dir.at(`out/${one}`)), bytes)).toBe(0);
        }),
        {numRuns: 5},
      );
    });
  });
});

describeWith(['git'], 'the ways to commit', () => {
  const target = (gitDir: string) => ({gitDir, branch: 'main', message: 'app 1.0.0\n\nä', date});
  const WAYS = ['pack', 'git', 'isomorphic'] as const;

  test('give the same hashes, also for what is large, and on top of each other', async () => {
    const tree = {
      'large.bin': randomBytes(9 * 1024 * 1024),
      'middle.bin': randomBytes(100_000),
      'again/middle.bin': Buffer.alloc(100_000),
      'only/folders/deep/x': 'x',
      'only-x': '1',
      'only.x': '2',
      '\u{1f600}': 'after the next in UTF-8, before it in UTF-16',
      '\uff5e': '3',
    };
    await using dir = await bare(tree);
    const made = [];
    for (const way of WAYS) {
      await initBare(dir.at(`${way}.git`));
      made.push(await commitTree(dir.app, {...target(dir.at(`${way}.git`)), way}));
    }
    expect(made[1]).toEqual(made[0]);
    expect(made[2]).toEqual(made[0]);
    for (const way of WAYS) {
      await dir.write({'app/only/folders/deep/x': way});
      const commit = await commitTree(dir.app, {...target(dir.repository), way});
      const again = await commitTree(dir.app, {...target(dir.repository), way: 'git'});
      expect(again).toEqual({...commit, changed: false});
    }
    expect(await git(dir.repository, 'rev-list', '--count', 'main')).toBe('3');
    expect(await git(dir.repository, 'fsck', '--strict', '--full', '--no-dangling')).toBe('');
  });

  test('a pack holds what is new alone, and its index is the one that git makes', async () => {
    await using dir = await bare({a: '1', 'b/c': '2', 'd/e': '3', 'd/large': randomBytes(9 * 1024 * 1024)});
    const packs: {path: string; objects: number; bytes: number}[] = [];
    const onEvent = (event: (typeof packs)[number]) => packs.push(event);
    await commitTree(dir.app, target(dir.repository), {onEvent});
    await dir.write({'app/b/c': '4', 'app/moved': '3'});
    await commitTree(dir.app, target(dir.repository), {onEvent});
    await commitTree(dir.app, target(dir.repository), {onEvent}); // the same: no pack
    expect(packs.map(({objects}) => objects)).toEqual([8, 4]); // commit, root, b, the new blob of b/c
    for (const {path, bytes} of packs) {
      expect(statSync(path).size).toBe(bytes);
      const index = readFileSync(path.replace(/pack$/, 'idx'));
      await git(dir.repository, 'index-pack', '-o', dir.at(`${bytes}.idx`), path);
      expect(readFileSync(dir.at(`${bytes}.idx`)).equals(index)).toBe(true);
    }
    const left = readdirSync(`${dir.repository}/objects/pack`).filter(
      (name) => !/^pack-.*\.(pack|idx|rev)$/.test(name),
    );
    expect(left).toEqual([]);
  });

  test('what is remembered never hides a change: of contents, mode, or of a repository that lost its branch', async () => {
    await using dir = await bare({a: '1', b: '2', run: '#!'});
    const old = new Date(Date.now() - 60_000);
    const age = () => ['a', 'b', 'run'].forEach((name) => utimesSync(`${dir.app}/${name}`, old, old));
    const commit = async () => {
      const made = await commitTree(dir.app, {...target(dir.repository), remember: true});
      await initBare(dir.at('plain.git'));
      const plain = await commitTree(dir.app, {...target(dir.at('plain.git')), parent: 'none'});
      expect(made.tree).toBe(plain.tree);
      return made;
    };
    age();
    await commit();
    expect(await commit()).toMatchObject({changed: false});
    writeFileSync(`${dir.app}/a`, '3'); // the same size, and the time set back: only ctime tells
    age();
    expect(await commit()).toMatchObject({changed: true});
    chmodSync(`${dir.app}/run`, 0o755);
    expect(await commit()).toMatchObject({changed: true});
    await git(dir.repository, 'update-ref', '-d', 'refs/heads/main');
    await git(dir.repository, 'prune', '--expire=now');
    expect(await commit()).toMatchObject({changed: true});
    expect(await git(dir.repository, 'fsck', '--strict', '--full', '--no-dangling')).toBe('');
  });

  test('what is remembered is not read again, also between files that come and go', async () => {
    const path = ['a', 'b/c', 'b/d', 'e/ä', 'z'];
    await using dir = await bare({0: 'known', ...Object.fromEntries(path.map((one) => [one, one]))});
    // Later than any time that is "just now", of which another change could not be told.
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    const commit = async () => {
      const {revision} = await commitTree(dir.app, {...target(dir.repository), remember: true});
      const entries = await readTree({gitDir: dir.repository, revision});
      return new Map(entries.map((entry) => [entry.path, entry.id]));
    };
    const ids = await commit();
    const [stamps] = readdirSync(`${dir.repository}/keelson`).map(
      (name) => `${dir.repository}/keelson/${name}`,
    );
    let remembered = readFileSync(stamps!, 'latin1');
    // A memory that is wrong shows who believes it.
    const wrong = Buffer.from(ids.get('0')!, 'hex').toString('latin1');
    for (const one of path)
      remembered = remembered.replace(Buffer.from(ids.get(one)!, 'hex').toString('latin1'), wrong);
    writeFileSync(stamps!, remembered, 'latin1');
    rmSync(`${dir.app}/b/c`);
    await dir.write({'app/a.new': 'known', 'app/z': 'another'});
    const again = await commit();
    expect([...again.keys()]).toEqual(['0', 'a', 'a.new', 'b/d', 'e/ä', 'z']);
    for (const one of ['a', 'a.new', 'b/d', 'e/ä']) expect(again.get(one)).toBe(ids.get('0'));
    expect(again.get('z')).not.toBe(ids.get('0'));
    writeFileSync(stamps!, 'keelson stamps 2 7\nwhatever'); // as if there were none
    expect((await commit()).get('a')).toBe(ids.get('a'));
  });

  test('a repository with SHA-256 hashes, and a machine without git, take the way that is left', async () => {
    await using dir = await bare({a: '1'});
    await git(dir.path, 'init', '--quiet', '--bare', '--object-format=sha256', dir.at('long.git'));
    expect((await commitTree(dir.app, target(dir.at('long.git')))).revision).toHaveLength(64);
    const path = process.env['PATH'];
    const usual = await commitTree(dir.app, {...target(dir.repository), branch: 'with-git'});
    process.env['PATH'] = dir.at('empty');
    try {
      expect(await commitTree(dir.app, target(dir.repository))).toEqual(usual);
    } finally {
      process.env['PATH'] = path;
    }
    expect(await git(dir.repository, 'rev-parse', 'main')).toBe(usual.revision);
  });

  test.each(WAYS)('%s does not move a branch that moved meanwhile', async (way) => {
    await using dir = await bare(Object.fromEntries(Array.from({length: 250}, (_, n) => [`f${n}`, `${n}`])));
    const first = await commitTree(dir.app, target(dir.repository));
    await dir.write({'app/f1': 'changed'});
    const committing = commitTree(dir.app, {...target(dir.repository), way});
    await git(dir.repository, 'commit-tree', '-p', first.revision, '-m', 'other', first.tree).then((other) =>
      git(dir.repository, 'update-ref', 'refs/heads/main', other),
    );
    // Whoever was first: never two children of one parent on the branch, and never one lost.
    const outcome = await committing.then(
      ({revision}) => revision,
      () => undefined,
    );
    const history = (await git(dir.repository, 'log', '--format=%H', 'main')).split('\n');
    expect(history).toContain(first.revision);
    expect(history.length === 3 ? history[0] : undefined).toBe(history.length === 3 ? outcome : undefined);
  });
});
