import {mkdir, rename, rm, writeFile} from 'node:fs/promises';
import {describe, expect, test} from '@jest/globals';
import {describeWith, runBin, testdir, type Tree} from '@keelson/test-kit';
import fc from 'fast-check';

import {watchWords} from '../dist/watch-flag.js';
import {watchFiles} from '../dist/watch-files.js';
import {DEFAULT_GLOBS, globsOf, watchedFiles} from '../dist/watch-globs.js';

interface Change {
  readonly type: string;
  readonly paths: readonly string[];
}

async function watching(tree: Tree, globs: Record<string, readonly string[]>) {
  const directory = await testdir(tree);
  const changes: Change[] = [];
  let wake = () => {};
  const watcher = await watchFiles(directory.path, {
    globs: new Map(Object.entries(globs)),
    onChange: (type, paths) => {
      changes.push({type, paths});
      wake();
    },
    onFault: (fault) => {
      throw fault;
    },
  });
  return {
    directory,
    /** The next change that nobody asked for yet. */
    async next(): Promise<Change> {
      while (changes.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return changes.shift()!;
    },
    [Symbol.asyncDispose]: async () => {
      await watcher[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

describe('watched files', () => {
  test.each<[string, readonly string[], string, boolean]>([
    ['a glob', ['src/**/*.js'], 'src/a/b.js', true],
    ['another extension', ['src/**/*.js'], 'src/a.css', false],
    ['another folder', ['src/**'], 'lib/a.js', false],
    ['a leading ./', ['./src/*.js'], 'src/a.js', true],
    ['a folder', ['src'], 'src/deep/a.css', true],
    ['a folder with a slash', ['src/'], 'src/a.css', true],
    ['a file', ['config.json'], 'config.json', true],
    ['the whole app', ['.'], 'a/b', true],
    ['beside the app', ['../shared/**'], '../shared/a.js', true],
    ['an absolute glob', ['/app/lib/*.js'], 'lib/a.js', true],
    ['an absolute folder', ['/app/lib'], 'lib/a.js', true],
    ['what is taken away', ['src/**', '!src/generated'], 'src/generated/a.js', false],
    ['what is not taken away', ['src/**', '!src/generated'], 'src/a.js', true],
    ['nothing but taken away', ['!src/generated'], 'src/a.js', true],
    ['a hidden file', ['**'], '.a.js.swp', false],
    ['a hidden file that is named', ['.env*'], '.env.local', true],
    ['braces', DEFAULT_GLOBS, 'deep/er/x.mts', true],
    ['no source', DEFAULT_GLOBS, 'app.log', false],
  ])('%s', (_, globs, path, expected) => {
    expect(watchedFiles('/app', globs).matches(path)).toBe(expected);
  });

  test('only the folders that hold them are looked into', () => {
    expect(watchedFiles('/app', ['src/**/*.js', '../lib/*', 'a.json', '!src/x']).bases).toEqual([
      'src',
      '../lib',
      'a.json',
    ]);
    expect(watchedFiles('/app', DEFAULT_GLOBS).bases).toEqual(['.']);
  });

  test('a folder matches all that lies below it, whatever it is called', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9 _+@-]{1,10}$/);
    fc.assert(
      fc.property(name, fc.array(name, {minLength: 1, maxLength: 4}), (folder, path) => {
        expect(watchedFiles('/app', [folder]).matches([folder, ...path].join('/'))).toBe(true);
        expect(watchedFiles('/app', [folder]).matches([`${folder}x`, ...path].join('/'))).toBe(false);
      }),
    );
  });
});

describe('which globs a type has', () => {
  test.each<[string, string[] | undefined, string[], readonly string[]]>([
    ['no flag: those of package.json', undefined, ['a'], ['a']],
    ['no flag and none: no watching', undefined, [], []],
    ['--watch: those of package.json', [''], ['a'], ['a']],
    ['--watch without any: sources', [''], [], DEFAULT_GLOBS],
    ['--watch GLOB', ['lib/**'], ['a'], ['lib/**']],
    ['--watch web=GLOB for web', ['web=lib/**'], ['a'], ['lib/**']],
    ['--watch api=GLOB for web', ['api=lib/**'], ['a'], ['a']],
    ['both', ['', 'web=lib/**'], [], [...DEFAULT_GLOBS, 'lib/**']],
  ])('%s', (_, given, configured, expected) => {
    expect(globsOf('web', given, configured)).toEqual(expected);
  });

  test.each<[string[], string[]]>([
    [['--watch'], ['--watch=']],
    [
      ['--watch', 'web=2,api'],
      ['--watch=', 'web=2,api'],
    ],
    [
      ['--watch', 'src/**', 'web'],
      ['--watch=src/**', 'web'],
    ],
    [['--watch', 'web=src/**'], ['--watch=web=src/**']],
    [['--watch', '!dist'], ['--watch=!dist']],
    [
      ['--watch', '--pty'],
      ['--watch=', '--pty'],
    ],
    [
      ['--watch=a', 'b'],
      ['--watch=a', 'b'],
    ],
    [
      ['--', '--watch', 'a.b'],
      ['--', '--watch', 'a.b'],
    ],
  ])('%j', (argv, expected) => {
    expect(watchWords(argv)).toEqual(expected);
  });
});

describe('watching', () => {
  test('a change concerns only the types whose files it is', async () => {
    await using it = await watching(
      {'src/a.js': '', 'jobs/b.js': ''},
      {web: ['src/**'], worker: ['jobs/**']},
    );
    await writeFile(it.directory.at('jobs/b.js'), '1');
    expect(await it.next()).toEqual({type: 'worker', paths: ['jobs/b.js']});
    await writeFile(it.directory.at('src/a.js'), '1');
    expect(await it.next()).toEqual({type: 'web', paths: ['src/a.js']});
  });

  test('several files at once are one change', async () => {
    await using it = await watching({'a.js': '', 'b.js': ''}, {web: ['*.js']});
    await Promise.all(['a.js', 'b.js'].map((name) => writeFile(it.directory.at(name), '1')));
    expect([...(await it.next()).paths].sort()).toEqual(['a.js', 'b.js']);
  });

  test('an editor that renames a new file into place, again and again', async () => {
    await using it = await watching({'a.js': ''}, {web: ['*.js']});
    for (const round of ['1', '2', '3']) {
      await writeFile(it.directory.at('a.js.tmp'), round);
      await rename(it.directory.at('a.js.tmp'), it.directory.at('a.js'));
      expect(await it.next()).toEqual({type: 'web', paths: ['a.js']});
    }
  });

  test('a new folder, a folder that comes only later, and a removed file', async () => {
    await using it = await watching({'src/x.js': ''}, {web: ['src/**/*.js', 'later/*.js']});
    await mkdir(it.directory.at('src/new/deep'), {recursive: true});
    await writeFile(it.directory.at('src/new/deep/a.js'), '');
    expect(await it.next()).toEqual({type: 'web', paths: ['src/new/deep/a.js']});
    await mkdir(it.directory.at('later'));
    await writeFile(it.directory.at('later/b.js'), '');
    expect(await it.next()).toEqual({type: 'web', paths: ['later/b.js']});
    await rm(it.directory.at('src/x.js'));
    expect(await it.next()).toEqual({type: 'web', paths: ['src/x.js']});
  });

  test('node_modules and .git are nobody’s, unless they are named', async () => {
    const tree = {'node_modules/x/a.js': '', '.git/a.js': '', 'deep/node_modules/a.js': '', 'z.js': ''};
    await using it = await watching(tree, {web: ['**'], vendor: ['node_modules/x/*.js']});
    for (const path of ['.git/a.js', 'deep/node_modules/a.js', 'node_modules/x/a.js'])
      await writeFile(it.directory.at(path), '1');
    expect(await it.next()).toEqual({type: 'vendor', paths: ['node_modules/x/a.js']});
    await writeFile(it.directory.at('z.js'), '1');
    expect(await it.next()).toEqual({type: 'web', paths: ['z.js']});
  });

  test('a link to the app itself is no endless way', async () => {
    await using it = await watching(
      {'a.js': '', again: {link: '.'}, 'deep/up': {link: '..'}},
      {web: ['**/*.js']},
    );
    await writeFile(it.directory.at('a.js'), '1');
    expect(await it.next()).toEqual({type: 'web', paths: ['a.js']});
  });

  test('a folder that goes and comes again, as with a checkout', async () => {
    await using it = await watching({'src/a.js': ''}, {web: ['src/**']});
    await rm(it.directory.at('src'), {recursive: true});
    expect(await it.next()).toEqual({type: 'web', paths: ['src/a.js']});
    await it.directory.write({'src/a.js': '1'});
    expect(await it.next()).toEqual({type: 'web', paths: ['src/a.js']});
  });

  test('beside the app, in a folder that is not there yet', async () => {
    await using around = await testdir({'app/a.js': ''});
    const seen: Promise<readonly string[]> = new Promise((resolve, reject) => {
      const options = {
        globs: new Map([['web', ['../shared/**']]]),
        onChange: (_: string, paths: readonly string[]) => resolve(paths),
        onFault: reject,
      };
      watchFiles(around.at('app'), options).then(async (watcher) => {
        await around.write({'shared/b.js': ''});
        await seen;
        await watcher[Symbol.asyncDispose]();
      }, reject);
    });
    expect(await seen).toEqual(['../shared/b.js']);
  });
});

describeWith(['unshare'], 'watching at the limit of inotify', () => {
  test('says which limit and what to do', async () => {
    await using directory = await testdir({
      'many.mjs': `import {watchFiles} from ${JSON.stringify(new URL('../dist/watch-files.js', import.meta.url).href)};
        const globs = new Map([['web', ['**/*.js']]]);
        await watchFiles(process.argv[2], {globs, onChange() {}, onFault() {}}).then(
          (watcher) => { console.log('watches'); return watcher[Symbol.asyncDispose](); },
          (fault) => console.log(fault.code, fault.message, fault.hint),
        );`,
      'limited.mjs': `import {spawnSync} from 'node:child_process';
        const script = 'echo 3 > /proc/sys/user/max_inotify_watches && exec "$@"';
        const argv = ['--user', '--map-root-user', 'sh', '-c', script, 'sh', process.execPath, ...process.argv.slice(2)];
        const {stdout, stderr} = spawnSync('unshare', argv, {encoding: 'utf8'});
        console.log(stdout + stderr);`,
      ...Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => [`app/${name}.js`, ''])),
    });
    const {stdout} = await runBin(directory.at('limited.mjs'), [
      directory.at('many.mjs'),
      directory.at('app'),
    ]);
    expect(stdout).toContain('FOREMAN_WATCH');
    expect(stdout).toContain('fs.inotify.max_user_watches');
    expect(stdout).toContain('sudo sysctl');
  });
});
