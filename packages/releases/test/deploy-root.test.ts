import {existsSync} from 'node:fs';
import {mkdir, readFile, readdir, readlink, rm, stat, symlink, utimes, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {openReleases, readProjectRules, readReleases, type Release, type Releases} from '@keelson/releases';
import {describeWith, expectFault, packageRoot, runBin, testdir} from '@keelson/test-kit';
import fc from 'fast-check';
import {readSettings} from '../dist/read-settings.js';
import {machineJsonSchema, projectJsonSchema, settingsJsonSchema} from '../dist/settings-schema.js';
import {commitOne, deployOne} from './one-release.ts';

const fixture = (name: string) => join(packageRoot(import.meta.url), 'test/fixtures', name);
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
const numbers = (releases: readonly Release[]) => releases.map(({number}) => number);

describe('openReleases', () => {
  test('makes the folders of a new root, private where secrets lie', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.at('srv/shop'));
    expect(releases.root).toBe(dir.at('srv/shop'));
    expect(await releases.current()).toBeUndefined();
    expect(await releases.list()).toEqual([]);
    for (const folder of ['config', 'runtime', '.keelson', '.keelson/releases'])
      expect(await modeOf(dir.at(`srv/shop/${folder}`))).toBe(0o700);
    for (const folder of ['releases', 'persistent'])
      expect(existsSync(dir.at(`srv/shop/${folder}`))).toBe(true);
  });

  test('refuses a folder with somebody else’s files, by name, and writes nothing', async () => {
    await using dir = await testdir({
      'index.html': '',
      'b/c': '',
      'current-old': '',
      d: '',
      e: '',
      f: '',
      g: '',
    });
    const fault = await expectFault(openReleases(dir.path), 'RELEASE_FOREIGN_FILES');
    expect(fault.message).toBe(
      `${dir.path} holds what is not of a deploy root: b, current-old, d, e, f and 2 more`,
    );
    expect(existsSync(dir.at('.keelson'))).toBe(false);
  });

  test('takes a root that the receiver, the log and a mounted disk have been in before', async () => {
    await using dir = await testdir({
      '.keelson/repository.git/HEAD': 'ref: refs/heads/main',
      '.keelson/log/app.log': '',
      'lost+found/': '',
      'keelson.json': '{"keep": 2}',
    });
    await using releases = await openReleases(dir.path);
    expect(releases.settings).toEqual({keep: 2});
  });

  test('says who holds the lock and why, and can wait for it', async () => {
    await using dir = await testdir();
    const first = await openReleases(dir.path, {reason: 'deploy of 1.2.0'});
    const fault = await expectFault(openReleases(dir.path), 'RELEASE_LOCKED');
    expect(fault.temporary).toBe(true);
    expect(fault.message).toContain(`process ${process.pid} (deploy of 1.2.0)`);
    const second = openReleases(dir.path, {waitMs: 30_000});
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
  });

  test('a root that cannot be opened does not stay locked', async () => {
    await using dir = await testdir({'.keelson/releases/1.json': 'torn{', 'releases/1/x': ''});
    await expectFault(openReleases(dir.path), 'RELEASE_CORRUPT');
    const fault = await expectFault(openReleases(dir.path), 'RELEASE_CORRUPT');
    expect(fault.message).toContain(dir.at('.keelson/releases/1.json'));
  });
});

describe('a staged release', () => {
  test('is seen by nobody before it is committed', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path, {reason: 'deploy of 1.2.0'});
    const staged = await releases.stage();
    expect(staged.number).toBe(1);
    expect(existsSync(staged.dir)).toBe(false);
    await dir.write({[`releases/1.tmp/server.js`]: ''});
    expect(await releases.list()).toEqual([]);
    expect(JSON.parse(await dir.read('.keelson/in-progress'))).toMatchObject({
      release: 1,
      reason: 'deploy of 1.2.0',
    });
    await staged.discard();
    expect(await dir.list('releases')).toEqual([]);
  });

  test('becomes a read-only tree that keeps the right to execute', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    const staged = await releases.stage();
    await dir.write({
      'releases/1.tmp/bin/run': {mode: 0o755, content: ''},
      'releases/1.tmp/bin/data': {mode: 0o664, content: ''},
      'releases/1.tmp/link': {link: 'bin/run'},
    });
    const release = await staged.commit({digest: 'sha256-a', name: 'shop', version: '1.2.0', config: 3});
    expect(release).toMatchObject({
      kind: 'release',
      number: 1,
      dir: dir.at('releases/1'),
      state: 'staged',
      config: 3,
    });
    expect(await modeOf(dir.at('releases/1'))).toBe(0o555);
    expect(await modeOf(dir.at('releases/1/bin'))).toBe(0o555);
    expect(await modeOf(dir.at('releases/1/bin/run'))).toBe(0o555);
    expect(await modeOf(dir.at('releases/1/bin/data'))).toBe(0o444);
    expect(await readlink(dir.at('releases/1/link'))).toBe('bin/run');
    expect(await releases.list()).toEqual([release]);
  });

  describeWith(['setpriv'], 'without the rights of root', () => {
    test('cannot be written to, its persistent folder can, and it can be pruned', async () => {
      await using dir = await testdir();
      await mkdir(dir.at('closed home'), {mode: 0o700});
      await mkdir(dir.at('.config/keelson'), {recursive: true});
      await writeFile(
        dir.at('.config/keelson/keelson.json'),
        'of nobody: the home is not the folder that we are in',
      );
      const {stdout, stderr} = await runBin(fixture('as-nobody.mjs'), [dir.path], {
        cwd: dir.path,
        env: {HOME: dir.at('closed home')},
      });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual({
        inTree: 'EACCES',
        change: 'EACCES',
        inPersistent: 'written',
        pruned: [1],
      });
    });
  });

  test('is refused when the disk is too small', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    const fault = await expectFault(releases.stage({bytes: 2 ** 60, files: 1}), 'RELEASE_NO_SPACE');
    expect(fault.temporary).toBe(true);
    expect(fault.message).toMatch(/1099511627777 MB are needed, \d+ MB are free/);
    await expectFault(releases.stage({bytes: 1, files: 2 ** 52}), 'RELEASE_NO_SPACE');
    expect(existsSync(dir.at('.keelson/in-progress'))).toBe(false);
    expect((await releases.stage({bytes: 1000, files: 10})).number).toBe(1);
  });
});

describe('numbers', () => {
  test('are never used twice, whatever is discarded, pruned or lost', async () => {
    const step = fc.constantFrom('deploy', 'discard', 'bad', 'prune', 'reopen', 'lose the counter');
    await fc.assert(
      fc.asyncProperty(fc.array(step, {maxLength: 12}), async (steps) => {
        await using dir = await testdir();
        let releases = await openReleases(dir.path);
        const given: number[] = [];
        for (const what of steps) {
          if (what === 'prune') await releases.prune({keep: 1});
          else if (what === 'lose the counter' && given.length === 0)
            await rm(dir.at('.keelson/last-number'), {force: true});
          else if (what === 'reopen') {
            await releases[Symbol.asyncDispose]();
            releases = await openReleases(dir.path);
          } else if (what === 'discard') {
            const staged = await releases.stage();
            given.push(staged.number);
            await staged.discard();
          } else if (what === 'bad') {
            const release = await commitOne(releases);
            given.push(release.number);
            await releases.markBad(release, 'no reason');
          } else if (what === 'deploy') given.push((await deployOne(releases)).number);
        }
        await releases[Symbol.asyncDispose]();
        expect(given).toEqual(given.map((_, index) => index + 1));
      }),
      {numRuns: 15},
    );
  });

  test('go on from what is there when the counter is lost', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    await deployOne(releases);
    await deployOne(releases);
    await rm(dir.at('.keelson/last-number'));
    expect((await releases.stage()).number).toBe(3);
  });
});

describe('current', () => {
  test('is a relative link that moves in one step', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    const first = await deployOne(releases);
    const second = await deployOne(releases);
    const seen = new Set<string>();
    let done = false;
    const reader = (async () => {
      while (!done) seen.add(await readlink(dir.at('current')));
    })();
    for (let turn = 0; turn < 50; turn++) await releases.activate(turn % 2 === 0 ? first : second);
    done = true;
    await reader;
    expect([...seen].sort()).toEqual(['releases/1', 'releases/2']);
    expect(await releases.current()).toMatchObject({number: 2});
  });

  test('remembers the release that was replaced, once', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    await deployOne(releases);
    await deployOne(releases);
    await releases.activate(await releases.get(1));
    await releases.activate(await releases.get(2));
    expect((await releases.list()).map(({replaced}) => replaced)).toEqual([undefined, 1]);
  });

  test('can be taken away, and never points to what is not there', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    const release = await deployOne(releases);
    const fault = await expectFault(releases.activate({...release, number: 7}), 'RELEASE_MISSING');
    expect(fault.hint).toBe('Releases there: 1.');
    expect(await readlink(dir.at('current'))).toBe('releases/1');
    await releases.activate(undefined);
    expect(await releases.current()).toBeUndefined();
    expect(existsSync(dir.at('current'))).toBe(false);
  });
});

describe('previous', () => {
  const scenario = async (
    steps: (one: {releases: Awaited<ReturnType<typeof openReleases>>; path: string}) => Promise<unknown>,
  ) => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    await steps({releases, path: dir.path});
    return (await releases.previous())?.number;
  };

  test('is nothing when nothing or one release was deployed', async () => {
    expect(await scenario(async () => {})).toBeUndefined();
    expect(await scenario(({releases}) => deployOne(releases))).toBeUndefined();
  });

  test('passes over bad releases', async () => {
    const previous = await scenario(async ({releases}) => {
      await deployOne(releases);
      for (let turn = 0; turn < 5; turn++) await releases.markBad(await commitOne(releases), 'not ready');
      await deployOne(releases);
    });
    expect(previous).toBe(1);
  });

  test('is what really served before, not the number before', async () => {
    const previous = await scenario(async ({releases}) => {
      await deployOne(releases);
      await deployOne(releases);
      await deployOne(releases);
      await releases.activate(await releases.get(1)); // rolled back past 2, which stays good
      await releases.markBad(await releases.get(3), 'rolled back');
      await deployOne(releases);
    });
    expect(previous).toBe(1);
  });

  test('is the newest good one before, when what it replaced is gone', async () => {
    const previous = await scenario(async ({releases, path}) => {
      await deployOne(releases);
      await deployOne(releases);
      await deployOne(releases);
      await rm(join(path, 'releases/2'), {recursive: true});
    });
    expect(previous).toBe(1);
  });

  test('does not look at times', async () => {
    const previous = await scenario(async ({releases}) => {
      for (let turn = 1; turn <= 3; turn++) {
        const {dir} = await deployOne(releases);
        await utimes(dir, 2_000_000_000 - turn * 1000, 2_000_000_000 - turn * 1000);
      }
    });
    expect(previous).toBe(2);
  });
});

describe('prune', () => {
  const deployed = async (count: number) => {
    const dir = await testdir();
    const releases = await openReleases(dir.path);
    for (let turn = 0; turn < count; turn++) await deployOne(releases);
    const close = async () => {
      await releases[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    };
    return {dir, releases, [Symbol.asyncDispose]: close};
  };

  test('keeps five good ones unless told otherwise', async () => {
    await using root = await deployed(7);
    expect(numbers(await root.releases.prune())).toEqual([1, 2]);
    expect(await root.dir.list('.keelson/releases')).toEqual([3, 4, 5, 6, 7].map((one) => `${one}.json`));
    expect(await root.dir.list('releases')).toEqual([3, 4, 5, 6, 7].map((one) => `${one}/server.js`));
  });

  test('keeps what a rollback needs even when one is to be kept', async () => {
    await using root = await deployed(4);
    expect(numbers(await root.releases.prune({keep: 1}))).toEqual([1, 2]);
    expect(await root.releases.previous()).toMatchObject({number: 3});
  });

  test('never removes the current one, after a rollback past many either', async () => {
    await using root = await deployed(8);
    await root.releases.activate(await root.releases.get(2));
    expect(numbers(await root.releases.prune({keep: 1}))).toEqual([3, 4, 5, 6, 7]);
    expect(await root.releases.current()).toMatchObject({number: 2});
    expect(await root.releases.previous()).toMatchObject({number: 1});
  });

  test('never removes the last good one nor one that runs', async () => {
    await using root = await deployed(8);
    await root.releases.markGood(await root.releases.get(3));
    expect(numbers(await root.releases.prune({keep: 1, running: [5]}))).toEqual([1, 2, 4, 6]);
  });

  test('keeps one that was rolled back from, so that this can be taken back', async () => {
    await using root = await deployed(2);
    await root.releases.activate(await root.releases.get(1));
    await root.releases.markBad(await root.releases.get(2), 'rolled back to release 1');
    await root.releases.markBad(await commitOne(root.releases), 'not ready');
    expect(await root.releases.prune()).toEqual([]);
    await deployOne(root.releases);
    expect(numbers(await root.releases.prune())).toEqual([3]);
    expect(numbers(await root.releases.prune({keep: 1}))).toEqual([2]);
  });

  test('removes bad ones, but for the newest while it is the newest of all', async () => {
    await using root = await deployed(1);
    for (let turn = 0; turn < 3; turn++)
      await root.releases.markBad(await commitOne(root.releases), `failure ${turn}`);
    expect(numbers(await root.releases.prune())).toEqual([2, 3]);
    expect((await root.releases.list()).at(-1)).toMatchObject({
      number: 4,
      state: 'bad',
      because: 'failure 2',
    });
    await deployOne(root.releases);
    expect(numbers(await root.releases.prune())).toEqual([4]);
  });

  test('does not look at times', async () => {
    await using root = await deployed(3);
    await utimes(root.dir.at('releases/1'), 2_000_000_000, 2_000_000_000);
    expect(numbers(await root.releases.prune({keep: 1}))).toEqual([1]);
  });
});

describe('config revisions', () => {
  test('are numbered, private and never changed', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    expect(await releases.config.current()).toMatchObject({kind: 'config-revision', number: 0, text: ''});
    for (let turn = 1; turn <= 11; turn++)
      expect((await releases.config.add(`TITLE=${turn}\n`)).number).toBe(turn);
    await utimes(dir.at('config/2.env'), 2_000_000_000, 2_000_000_000);
    expect(await releases.config.current()).toMatchObject({number: 11, path: dir.at('config/11.env')});
    expect((await releases.config.read(2)).text).toBe('TITLE=2\n');
    expect(await modeOf(dir.at('config/2.env'))).toBe(0o600);
    expect((await readReleases(dir.path)).journal.map(({what, config}) => [what, config]).at(-1)).toEqual([
      'config',
      11,
    ]);
  });

  test('say where their values come from, and who read them', async () => {
    await using dir = await testdir({'keelson.json': '{"environment": "production"}'});
    await using releases = await openReleases(dir.path);
    const origin = {TITLE: 'git+https://example.com/c.git#main:shop.env'};
    await releases.config.add('TITLE=x\n', {origin, reader: origin.TITLE, by: 'ada'});
    expect(await releases.config.read(1)).toMatchObject({by: 'ada', reader: origin.TITLE, origin});
    expect(await releases.config.numbers()).toEqual([1]);
    expect(await modeOf(dir.at('config/1.json'))).toBe(0o600);
    expect((await readReleases(dir.path)).journal).toMatchObject([
      {what: 'config', config: 1, by: 'ada', reader: origin.TITLE, environment: 'production'},
    ]);
  });

  test('that are not there are refused', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    const fault = await expectFault(releases.config.read(3), 'RELEASE_MISSING');
    expect(fault.message).toBe(`config revision 3 is not in ${dir.at('config')}`);
  });
});

describe('the journal', () => {
  const entry = {what: 'deploy', result: 'deployed', release: 1, digest: 'sha256-a', config: 2} as const;

  test('says when, who and what, and ends what was in progress', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    await releases.stage();
    const written = await releases.record(entry);
    await releases.record({...entry, by: 'ada@example.com', release: 2});
    expect(Math.abs(Date.now() - Date.parse(written.at))).toBeLessThan(60_000);
    expect((await readReleases(dir.path)).journal).toMatchObject([
      {...entry, by: expect.stringMatching(/./)},
      {...entry, by: 'ada@example.com', release: 2},
    ]);
    expect(existsSync(dir.at('.keelson/in-progress'))).toBe(false);
    expect(await modeOf(dir.at('.keelson/journal.jsonl'))).toBe(0o600);
  });

  test('passes over a line that a crash tore, and does not write on in it', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    await releases.record(entry);
    await writeFile(dir.at('.keelson/journal.jsonl'), '{"at":"2026-01-01T00:00:00.000Z","wha', {flag: 'a'});
    expect((await readReleases(dir.path)).journal).toHaveLength(1);
    await releases.record({...entry, release: 2});
    expect((await readReleases(dir.path)).journal.map(({release}) => release)).toEqual([1, 2]);
  });
});

describe('persistent folders', () => {
  const data = {files: {'data/seed.txt': 'from the archive', 'var/up/x.txt': '1'}};

  test('are relative links, seeded from the first archive and never overwritten', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    const first = await commitOne(releases, {...data, persistent: ['data', 'var/up/', 'empty/one']});
    expect(await readlink(join(first.dir, 'data'))).toBe('../../persistent/data');
    expect(await readlink(join(first.dir, 'var/up'))).toBe('../../../persistent/var/up');
    expect(await readlink(join(first.dir, 'empty/one'))).toBe('../../../persistent/empty/one');
    expect(await dir.read('releases/1/data/seed.txt')).toBe('from the archive');
    await dir.write({'persistent/data/seed.txt': 'changed by the app', 'persistent/data/new.txt': 'kept'});
    const second = await commitOne(releases, {
      files: {'data/seed.txt': 'newer', 'data/more.txt': ''},
      persistent: ['data'],
    });
    expect(await dir.list('persistent/data')).toEqual(['new.txt', 'seed.txt']);
    expect(await dir.read('releases/2/data/seed.txt')).toBe('changed by the app');
    expect(await readlink(join(second.dir, 'data'))).toBe('../../persistent/data');
  });

  test('may lie on another disk', async () => {
    await using dir = await testdir({'disk/': ''});
    await using releases = await openReleases(dir.at('shop'));
    await symlink('../../disk', dir.at('shop/persistent/data'));
    const release = await commitOne(releases, {...data, persistent: ['data']});
    await writeFile(join(release.dir, 'data/x'), 'x');
    expect(await dir.list('disk')).toEqual(['x']);
  });

  test.each([
    ['a path above', ['../data'], 'it is not a folder inside the app'],
    ['a detour above', ['a/../../data'], 'it is not a folder inside the app'],
    ['an absolute path', ['/etc'], 'it is not a folder inside the app'],
    ['the app itself', ['.'], 'it is not a folder inside the app'],
    ['nothing', [''], 'it is not a folder inside the app'],
    ['a NUL', ['a\0b'], 'it is not a folder inside the app'],
    ['node_modules', ['node_modules/x'], 'node_modules belongs to the release'],
    ['a file', ['server.js'], 'server.js is a file'],
    ['a folder below a file', ['server.js/data'], 'server.js is a file'],
    ['a link', ['link'], 'link is a link'],
    ['a folder below a link', ['link/data'], 'link is a link'],
    ['one inside another', ['data/up', 'data'], 'it lies in data, which does already'],
  ])('refuse %s', async (_title, paths, because) => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    const staged = await releases.stage();
    await dir.write({'releases/1.tmp/server.js': '', 'releases/1.tmp/link': {link: '../..'}});
    const fault = await expectFault(staged.linkPersistent(paths), 'RELEASE_PERSISTENT');
    expect(fault.message).toContain(because);
    expect(await dir.list('persistent')).toEqual([]);
  });
});

describe('keelson.json', () => {
  test('is read, and may be missing', async () => {
    await using dir = await testdir();
    expect((await readReleases(dir.path)).settings).toEqual({});
    const settings = {
      keep: 3,
      bakeMs: 0,
      health: {path: '/up', timeoutMs: 5000},
      formation: {web: 2, worker: 0},
      memory: '512M',
      cpus: 0.5,
      port: 8000,
      environment: 'production',
      disk: '20G',
      key: '/etc/keelson/key.pem',
      user: 'shop',
      actions: {migrate: ['@default', 'node after.js'], smoke: 'curl -f localhost'},
      checks: [
        {tcp: true},
        {http: '/up', status: [200, 204], body: 'ok', headers: {etag: '.'}, timeoutMs: 100},
        {command: 'node check.js'},
        {staysUpMs: 500},
        {log: '^ready'},
      ],
      assets: {folders: ['public/assets'], keep: 2},
    };
    await dir.write({'keelson.json': `\uFEFF${JSON.stringify(settings)}`});
    expect((await readReleases(dir.path)).settings).toEqual(settings);
  });

  test.each([
    ['{"keep": 0}', 'keep: '],
    ['{"bakeSeconds": 1}', 'bakeSeconds: not a setting'],
    ['{"formaton": {}}', 'formaton: not a setting (did you mean formation?)'],
    ['{"health": {"Path": "/"}}', 'health.Path: not a setting (did you mean path?)'],
    ['{"health": {"path": "up"}}', 'health.path: has to start with /'],
    ['{"formation": {"web": -1}}', 'formation.web: '],
    ['{"memory": "512"}', 'memory: has to be a size such as 512M'],
    ['{"port": 70000}', 'port: '],
    ['{"disk": "1T"}', 'disk: has to be a size'],
    ['{"action": {}}', 'action: not a setting (did you mean actions?)'],
    ['{"actions": {"migrate": 1}}', 'actions.migrate: '],
    ['{"checks": [{"htp": "/"}]}', 'htp: not a setting (did you mean http?)'],
    ['{"checks": [{"tcp": true, "log": "x"}]}', 'checks.0: takes exactly one of'],
    ['{"checks": [{"tcp": true, "status": 200}]}', 'checks.0: status, body and headers belong to http'],
    ['{"checks": [{"log": "("}]}', 'checks.0.log: is no regular expression'],
    ['{"assets": {"folders": ["../x"]}}', 'assets.folders.0: has to be a folder inside of the app'],
    ['{"migrations": []}', 'migrations: not a setting'],
    ['[]', 'the whole: '],
    ['{', 'is not JSON'],
  ])('%s is refused', async (text, because) => {
    await using dir = await testdir({'keelson.json': text});
    const fault = await expectFault(openReleases(dir.path), 'RELEASE_SETTINGS');
    expect(fault.message).toContain(dir.at('keelson.json'));
    expect(fault.message).toContain(because);
  });
});

describe('keelson.deploy.json of an app', () => {
  test('is read, and may be missing', async () => {
    await using dir = await testdir();
    expect(await readProjectRules(dir.at('keelson.deploy.json'))).toEqual({});
    const migrations = [{name: '1-add', kind: 'expand', run: 'node add.js'}];
    const rules = {migrations, actions: {build: []}, templates: {'config/app.ini': 'config/app.ini.hbs'}};
    await dir.write({'keelson.deploy.json': JSON.stringify(rules)});
    expect(await readProjectRules(dir.at('keelson.deploy.json'))).toEqual(rules);
  });

  test.each([
    ['{"migration": []}', 'migration: not a setting (did you mean migrations?)'],
    ['{"migrations": [{"name": "a", "kind": "both", "run": "x"}]}', 'migrations.0.kind: '],
    [
      '{"migrations": [{"name": "a", "kind": "expand", "run": "x"}, {"name": "a", "kind": "expand", "run": "y"}]}',
      'migrations: names each migration once',
    ],
    ['{"keep": 3}', 'keep: not a setting'],
    [
      '{"templates": {"/etc/app.ini": "a.hbs"}}',
      'templates./etc/app.ini: has to be a plain path of a file inside of the app',
    ],
    ['{"templates": {"../app.ini": "a.hbs"}}', 'templates.../app.ini: has to be a plain path'],
    ['{"templates": {"a/../app.ini": "a.hbs"}}', 'templates.a/../app.ini: has to be a plain path'],
    ['{"templates": {"app.ini": "../a.hbs"}}', 'templates.app.ini: has to be a plain path'],
    ['{"templates": {"package.json": "a.hbs"}}', 'templates.package.json: belongs to the release'],
    ['{"templates": {"node_modules/a/b": "a.hbs"}}', 'templates.node_modules/a/b: belongs to the release'],
    ['{"templates": {"a": "b", "b": "c"}}', 'templates: has a file that is both'],
    ['{"templates": {"a": {"from": "b"}}}', 'templates.a: '],
  ])('%s is refused', async (text, because) => {
    await using dir = await testdir({'keelson.deploy.json': text});
    const fault = await expectFault(readProjectRules(dir.at('keelson.deploy.json')), 'RELEASE_SETTINGS');
    expect(fault.message).toContain(because);
  });
});

test('settings of the machine and the user count where the deployment says nothing', async () => {
  await using dir = await testdir({
    'machine.json': '{"keep": 9, "memory": "1G", "toolTune": {"node": {"minMemory": "64M", "connFD": 8}}}',
    'user.json': '{"memory": "2G", "toolTune": {"node": {"minMemory": "128M"}}}',
    'own.json': '{"keep": 2, "port": 8000}',
    'bad.json': '{"formation": {"web": 2}}',
  });
  const machine = [dir.at('machine.json'), dir.at('none.json'), dir.at('user.json')];
  expect(await readSettings(dir.at('own.json'), machine)).toEqual({
    keep: 2,
    memory: '2G',
    port: 8000,
    toolTune: {node: {minMemory: '128M', connFD: 8}},
  });
  const fault = await expectFault(readSettings(dir.at('own.json'), [dir.at('bad.json')]), 'RELEASE_SETTINGS');
  expect(fault.message).toContain('bad.json: formation: not a setting');
  const unreadable = await expectFault(readSettings(dir.at('own.json'), [dir.path]), 'RELEASE_SETTINGS');
  expect(unreadable.message).toContain(`${dir.path} cannot be read: EISDIR`);
});

test.each([
  ['schema.json', settingsJsonSchema],
  ['project-schema.json', projectJsonSchema],
  ['machine-schema.json', machineJsonSchema],
])('%s is what the schema says (else: pnpm --filter @keelson/releases run schema)', async (name, schema) => {
  const shipped = await readFile(join(packageRoot(import.meta.url), name), 'utf8');
  expect(JSON.parse(shipped)).toEqual(JSON.parse(JSON.stringify(schema())));
});

describe('migrations', () => {
  test('are told by their last line, also when a crash tore one', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    const one = {name: 'a', kind: 'expand', release: 1} as const;
    await releases.migrations.write({...one, state: 'begun'});
    await releases.migrations.write({...one, name: 'b', state: 'begun'});
    await writeFile(dir.at('.keelson/migrations.jsonl'), '{"name": "b", "st', {flag: 'a'});
    await releases.migrations.write({...one, state: 'done'});
    expect(await releases.migrations.read()).toMatchObject([
      {...one, name: 'b', state: 'begun'},
      {...one, state: 'done'},
    ]);
  });
});

describe('assets', () => {
  const deployWith = async (releases: Releases, files: Readonly<Record<string, string>>, keep: number) => {
    const staged = await releases.stage();
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(staged.dir, path)), {recursive: true});
      await writeFile(join(staged.dir, path), content);
    }
    const from = (await releases.list()).filter(({state}) => state === 'good').slice(-keep);
    const added = await staged.carryAssets({folders: ['public/assets', 'none'], from: from.toReversed()});
    const release = await staged.commit({digest: 'sha256-a', name: 'shop', version: '1.0.0', config: 0});
    await releases.activate(release);
    await releases.markGood(release);
    return added;
  };

  test('of earlier releases stay reachable, those of the release before alone, and never over new ones', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    await deployWith(
      releases,
      {'public/assets/a.1.js': '1', 'public/assets/same.js': 'old', 'secret.js': ''},
      1,
    );
    const two = {'public/assets/x/b.2.js': '2', 'public/assets/same.js': 'new'};
    expect(await deployWith(releases, two, 1)).toEqual(['public/assets/a.1.js']);
    expect(await dir.list('releases/2')).toEqual([
      'public/assets/a.1.js',
      'public/assets/same.js',
      'public/assets/x/b.2.js',
    ]);
    expect(await dir.read('releases/2/public/assets/same.js')).toBe('new');
    expect(await deployWith(releases, {'public/assets/c.3.js': '3'}, 1)).toEqual(
      expect.arrayContaining(['public/assets/x/b.2.js', 'public/assets/same.js']),
    );
    expect(existsSync(dir.at('releases/3/public/assets/a.1.js'))).toBe(false);
    await releases.prune({keep: 1});
    expect(await dir.list('.keelson/releases')).toEqual([
      '2.assets.json',
      '2.json',
      '3.assets.json',
      '3.json',
    ]);
    expect(await deployWith(releases, {'public/index.html': ''}, 2)).toContain('public/assets/c.3.js');
  });

  test('are not put behind a link of the new release', async () => {
    await using dir = await testdir({'outside/': ''});
    await using releases = await openReleases(dir.at('root'));
    await deployWith(releases, {'public/assets/a.js': '1'}, 1);
    const staged = await releases.stage();
    await mkdir(join(staged.dir, 'public'), {recursive: true});
    await symlink('../../../../outside', join(staged.dir, 'public/assets'));
    expect(await staged.carryAssets({folders: ['public/assets'], from: await releases.list()})).toEqual([]);
    expect(await dir.list('outside')).toEqual([]);
  });
});

describe('a disk budget', () => {
  test('removes the oldest that are not needed, and dependencies that nobody has any more', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    const block = 'x'.repeat(40_000);
    for (const key of ['old', 'old', 'new', 'new']) {
      await deployOne(releases, {files: {big: block}, facts: {dependencies: key}});
      await dir.write({[`.keelson/store/${key}/tree/file`]: block, '.keelson/store/half.tmp/file': ''});
    }
    expect((await releases.list())[0]!.diskBytes).toBeGreaterThan(40_000);
    expect(await releases.prune({diskBytes: 10 ** 9})).toEqual([]);
    expect(await readdir(dir.at('.keelson/store'))).toEqual(['new', 'old']);
    expect((await releases.prune({diskBytes: 180_000})).map(({number}) => number)).toEqual([1, 2]);
    expect(await readdir(dir.at('.keelson/store'))).toEqual(['new']);
    expect(await releases.prune({diskBytes: 1, running: [3]})).toEqual([]);
    expect((await releases.prune({diskBytes: 1})).map(({number}) => number)).toEqual([3]);
    expect(await releases.current()).toMatchObject({number: 4});
  });
});

describe('ports', () => {
  test('are kept', async () => {
    await using dir = await testdir();
    await using releases = await openReleases(dir.path);
    expect(await releases.ports()).toBeUndefined();
    await releases.keepPorts({base: 5000, types: ['web']});
    expect(await releases.ports()).toEqual({base: 5000, types: ['web']});
  });
});

describe('readReleases', () => {
  test('sees a root that is locked, and an empty one that does not exist', async () => {
    await using dir = await testdir();
    expect(await readReleases(dir.at('none'))).toEqual({
      kind: 'deploy-root',
      root: dir.at('none'),
      settings: {},
      current: undefined,
      config: 0,
      releases: [],
      journal: [],
    });
    expect(existsSync(dir.at('none'))).toBe(false);
    await using releases = await openReleases(dir.at('shop'));
    const release = await deployOne(releases);
    expect(await readReleases(dir.at('shop'))).toMatchObject({current: release, releases: [release]});
  });
});
