import {existsSync} from 'node:fs';
import {readdir, readlink, stat, truncate, writeFile} from 'node:fs/promises';
import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {describe, expect, jest, test} from '@jest/globals';
import {deploy, resume} from '@keelson/deployer';
import {Fault} from '@keelson/step';
import {expectFault} from '@keelson/test-kit';
import {appArchive, type AppParts} from './app-archive.ts';
import {bench} from './deploy-bench.ts';
import {fakeRuntime, notReady} from './fake-runtime.ts';

class BrokenRuntime extends Fault<'RUNTIME_BROKEN'> {}
const broken = () => {
  throw new BrokenRuntime('RUNTIME_BROKEN', 'no more process ids');
};

describe('a deploy', () => {
  test('goes its way in this order', async () => {
    await using app = await bench();
    await app.deploy('1.0.0', {
      files: {Procfile: 'web: node server.js\nrelease: echo migrated'},
      keelson: {persistent: ['data']},
    });
    expect(app.types()).toEqual([
      'deploy:locked',
      'deploy:staged',
      'deploy:prepared',
      'deploy:configured',
      'deploy:linked',
      'deploy:migration-printed',
      'deploy:migrated',
      'deploy:committed',
      'deploy:started',
      'deploy:ready',
      'deploy:switched',
      'deploy:opened',
      'deploy:baked',
      'deploy:pruned',
      'deploy:recorded',
    ]);
    await app.deploy('1.1.0');
    expect(app.calls).toEqual(
      ['start 1', 'ready 1', 'open 1', 'watch 1'].concat([
        'start 2',
        'ready 2',
        'open 2',
        'watch 2',
        'drain 1',
      ]),
    );
  });

  test('says what it did', async () => {
    await using app = await bench();
    await app.configure('TITLE=Shop\n');
    const first = await app.deploy('1.0.0');
    expect(first).toEqual({
      kind: 'deployment',
      result: 'deployed',
      release: expect.objectContaining({
        kind: 'release',
        number: 1,
        name: 'shop',
        version: '1.0.0',
        revision: 'commit-of-1.0.0',
        config: 1,
        state: 'good',
        dir: join(app.root, 'releases/1'),
      }),
      replaced: undefined,
      formation: [
        {name: 'web.1', workers: 2, memoryBytes: expect.any(Number), port: 5000},
        {name: 'worker.1', workers: 1, memoryBytes: expect.any(Number), port: 5100},
      ],
    });
    expect(first.release.digest).toMatch(/^sha256-/);
    expect(await app.deploy('1.1.0')).toMatchObject({result: 'deployed', replaced: 1, release: {number: 2}});
    expect(await readlink(join(app.root, 'current'))).toBe('releases/2');
    expect(app.serving()).toEqual([2]);
    expect(app.alive()).toEqual([2]);
    expect(await app.journal()).toMatchObject([
      {
        what: 'deploy',
        result: 'deployed',
        release: 1,
        config: 1,
        version: '1.0.0',
        digest: first.release.digest,
      },
      {what: 'deploy', result: 'deployed', release: 2, config: 1, version: '1.1.0', replaced: 1},
    ]);
    expect(existsSync(join(app.root, '.keelson/in-progress'))).toBe(false);
  });

  test('of the same archive again makes a release of its own', async () => {
    await using app = await bench();
    const first = await app.deploy('1.0.0');
    const second = await app.deploy('1.0.0');
    expect(second.release).toMatchObject({number: 2, digest: first.release.digest});
  });

  test('does not look at the clock, which may go back', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    const clock = jest.spyOn(Date.prototype, 'toISOString').mockReturnValue('1999-12-31T23:59:59.000Z');
    await app.deploy('1.1.0');
    await app.deploy('1.2.0', {}, {keep: 2});
    clock.mockRestore();
    expect(await app.current()).toBe(3);
    expect((await readdir(join(app.root, 'releases'))).toSorted()).toEqual(['2', '3']);
    expect(await app.rollback()).toMatchObject({
      result: 'rolled-back',
      release: {number: 2, version: '1.1.0'},
    });
  });

  test('keeps five good releases, or as many as it is told', async () => {
    await using app = await bench();
    for (let turn = 1; turn <= 7; turn++) await app.deploy(`1.${turn}.0`);
    expect((await readdir(join(app.root, 'releases'))).toSorted()).toEqual(['3', '4', '5', '6', '7']);
    await app.deploy('2.0.0', {}, {keep: 1});
    expect((await readdir(join(app.root, 'releases'))).toSorted()).toEqual(['7', '8']);
  });

  test('links persistent folders, whose content outlives releases', async () => {
    await using app = await bench();
    const parts = {keelson: {persistent: ['data']}, files: {'data/seed.txt': 'seed'}};
    await app.deploy('1.0.0', parts);
    await writeFile(join(app.root, 'current/data/orders.txt'), '42');
    await app.deploy('1.1.0', parts);
    expect(await app.dir.read('shop/current/data/orders.txt')).toBe('42');
  });

  test('refuses to run the app as root unless that is allowed', async () => {
    await using app = await bench();
    jest.spyOn(process, 'getuid').mockReturnValue(0);
    await expectFault(app.deploy('1.0.0', {}, {allowRoot: false}), 'DEPLOY_NEEDS_USER');
    await expectFault(app.rollback({allowRoot: undefined}), 'DEPLOY_NEEDS_USER');
    expect(existsSync(app.root)).toBe(false);
  });

  test('waits for another one, or says which one holds the lock', async () => {
    await using app = await bench();
    let enter!: () => void;
    let leave!: () => void;
    const entered = new Promise<void>((resolve) => (enter = resolve));
    const left = new Promise<void>((resolve) => (leave = resolve));
    app.failures.ready = async () => {
      enter();
      await left;
    };
    const first = app.deploy('1.0.0');
    await entered;
    const fault = await expectFault(app.deploy('1.1.0'), 'RELEASE_LOCKED');
    expect(fault.message).toContain('(deploy of shop 1.0.0)');
    const third = app.deploy('1.2.0', {}, {waitMs: 30_000});
    delete app.failures.ready;
    leave();
    expect((await first).result).toBe('deployed');
    expect(await third).toMatchObject({result: 'deployed', replaced: 1, release: {number: 2}});
  });
});

/** What can go wrong, and what then is to be seen. `release` is the state of release 2 afterwards. */
const FAILURES: readonly {
  readonly at: string;
  readonly arrange: (app: Awaited<ReturnType<typeof bench>>) => void | Promise<void>;
  readonly parts?: AppParts;
  readonly fault?: string;
  readonly because?: string;
  readonly output?: readonly string[];
  readonly release?: 'bad';
}[] = [
  {
    at: 'the machine: it has another Node',
    arrange: () => {},
    parts: {facts: {node: {range: '>=99', version: '99.0.0', abi: '999', platform: 'linux', arch: 'x64'}}},
    fault: 'PREPARE_NODE_MISMATCH',
  },
  {
    at: 'the manifest',
    arrange: () => {},
    parts: {keelson: {persistant: ['data']}},
    fault: 'MANIFEST_INVALID',
  },
  {
    at: 'the configuration: keys are missing',
    arrange: () => {},
    parts: {keelson: {required: ['TITLE', 'DATABASE_URL', 'TOKEN']}},
    because: 'config revision 1, but the app requires DATABASE_URL, TOKEN',
    output: [],
  },
  {
    at: 'the configuration: it cannot be read',
    arrange: (app) => app.configure('TITLE=Shop\nnonsense\n'),
    fault: 'ENV_SYNTAX',
  },
  {
    at: 'the formation',
    arrange: () => {},
    parts: {keelson: {formation: {wbe: 1}}},
    fault: 'FORMATION_UNKNOWN_TYPE',
  },
  {
    at: 'the limits',
    arrange: () => {},
    parts: {keelson: {processes: {web: {minMemory: '8G'}}}},
    fault: 'LIMITS_DEFICIT',
  },
  {
    at: 'a persistent folder',
    arrange: () => {},
    parts: {keelson: {persistent: ['server.js']}},
    fault: 'RELEASE_PERSISTENT',
  },
  {
    at: 'the release phase',
    arrange: () => {},
    parts: {files: {Procfile: 'web: node x\nrelease: echo one; echo two >&2; exit 3'}},
    because: 'the release phase ended with exit code 3: echo one; echo two >&2; exit 3',
    output: ['one', 'two'],
  },
  {
    at: 'the start',
    arrange: (app) => void (app.failures.start = broken),
    fault: 'RUNTIME_BROKEN',
    release: 'bad',
  },
  {
    at: 'the health gate',
    arrange: (app) => void (app.failures.ready = () => notReady),
    because: 'web.1: GET / answered 500',
    output: ['starting', 'Error: no database'],
    release: 'bad',
  },
  {
    at: 'the health gate itself',
    arrange: (app) => void (app.failures.ready = broken),
    fault: 'RUNTIME_BROKEN',
    release: 'bad',
  },
  {
    at: 'the switch',
    arrange: (app) =>
      void (app.failures.ready = async () => {
        const {rename} = await import('node:fs/promises');
        await rename(join(app.root, 'releases/2'), join(app.root, 'releases/2-gone'));
      }),
    fault: 'RELEASE_MISSING',
  },
  {
    at: 'the opening of traffic',
    arrange: (app) => void (app.failures.open = broken),
    because: 'no more process ids',
    output: [],
    release: 'bad',
  },
  {
    at: 'the bake window',
    arrange: (app) => void (app.failures.watch = () => notReady),
    because: 'web.1: GET / answered 500',
    output: ['starting', 'Error: no database'],
    release: 'bad',
  },
  {
    at: 'the bake window itself',
    arrange: (app) => void (app.failures.watch = broken),
    fault: 'RUNTIME_BROKEN',
    release: 'bad',
  },
];

describe('a deploy that fails leaves the old version serving, when it fails at', () => {
  test.each(FAILURES)('$at', async ({arrange, parts = {}, fault, because, output, release}) => {
    await using app = await bench();
    await app.configure('TITLE=Shop\n');
    await app.deploy('1.0.0');
    await arrange(app);
    const outcome = await app.deploy('2.0.0', parts).then(
      (deployment) => ({
        result: deployment.result,
        because: deployment.because,
        output: deployment.output,
        release: [deployment.release.number, deployment.release.version, deployment.release.state],
      }),
      (error: Fault) => ({fault: error.code}),
    );
    expect(outcome).toEqual(
      fault === undefined ? {result: 'refused', because, output, release: [2, '2.0.0', 'bad']} : {fault},
    );

    expect(app.serving()).toEqual([1]);
    expect(app.alive()).toEqual([1]);
    expect(await readlink(join(app.root, 'current'))).toBe('releases/1');
    const {releases, current, journal} = await app.look();
    expect(current).toMatchObject({number: 1, state: 'good', config: 1});
    expect(releases.map(({number, state}) => [number, state])).toEqual(
      release === undefined
        ? [[1, 'good']]
        : [
            [1, 'good'],
            [2, release],
          ],
    );
    expect(journal.at(-1)).toMatchObject({
      what: 'deploy',
      result: fault === undefined ? 'refused' : 'failed',
      release: 2,
      version: '2.0.0',
    });
    expect(journal.at(-1)!.because).toContain(because ?? '');
    expect((await readdir(join(app.root, 'releases'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(existsSync(join(app.root, '.keelson/in-progress'))).toBe(false);

    for (const name of Object.keys(app.failures)) delete app.failures[name as keyof typeof app.failures];
    await app.configure('TITLE=Shop\n');
    expect(await app.deploy('3.0.0')).toMatchObject({result: 'deployed', replaced: 1, release: {number: 3}});
    expect(app.serving()).toEqual([3]);
  });

  test('the archive, which is cut short', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    const files = {'big.txt': randomBytes(100_000).toString('hex')};
    const archive = await appArchive(app.dir.path, '2.0.0', {files});
    await truncate(archive.path, 50_000);
    await expectFault(deploy(archive, app.to, {allowRoot: true}), 'ARCHIVE_CORRUPT');
    expect(app.serving()).toEqual([1]);
    expect(await readdir(join(app.root, 'releases'))).toEqual(['1']);
    expect((await app.journal()).at(-1)).toMatchObject({result: 'failed', release: 2});
  });

  test.each(['start', 'ready', 'watch'] as const)(
    'a cancelled %s, and rejects with the reason',
    async (name) => {
      await using app = await bench();
      await app.deploy('1.0.0');
      const cancelling = new AbortController();
      app.failures[name] = () => {
        cancelling.abort(new BrokenRuntime('RUNTIME_BROKEN', 'the pusher went away'));
        cancelling.signal.throwIfAborted();
      };
      const attempt = app.deploy('2.0.0', {}, {signal: cancelling.signal});
      expect(await attempt.catch((error: unknown) => error)).toBe(cancelling.signal.reason);
      expect(app.serving()).toEqual([1]);
      expect(app.alive()).toEqual([1]);
      expect(await app.current()).toBe(1);
      expect((await app.journal()).at(-1)).toMatchObject({
        result: 'failed',
        release: 2,
        because: 'cancelled',
      });
    },
  );

  test('its first time: then nothing is current', async () => {
    await using app = await bench();
    app.failures.watch = () => notReady;
    expect(await app.deploy('1.0.0')).toMatchObject({result: 'refused', release: {number: 1, state: 'bad'}});
    expect(app.alive()).toEqual([]);
    expect(existsSync(join(app.root, 'current'))).toBe(false);
    delete app.failures.watch;
    expect(await app.deploy('1.1.0')).toMatchObject({
      result: 'deployed',
      replaced: undefined,
      release: {number: 2},
    });
  });

  test('ten times in a row: of the failures one stays to be looked at', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    app.failures.ready = () => notReady;
    for (let turn = 0; turn < 10; turn++) await app.deploy('2.0.0');
    expect((await readdir(join(app.root, 'releases'))).toSorted()).toEqual(['1', '11']);
  });

  test('and something cannot be taken back: the rest is, and it is told', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    app.failures.ready = () => notReady;
    app.failures.stop = broken;
    expect(await app.deploy('2.0.0')).toMatchObject({result: 'refused'});
    expect(app.events).toContainEqual({
      type: 'deploy:undo-failed',
      what: 'start of release 2',
      because: 'no more process ids',
    });
    expect((await app.look()).releases.at(-1)).toMatchObject({number: 2, state: 'bad'});
    expect(app.serving()).toEqual([1]);
  });
});

describe('after the bake window nothing is taken back', () => {
  test('when the old version cannot be drained', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    app.failures.drain = broken;
    expect(await app.deploy('2.0.0')).toMatchObject({result: 'deployed', release: {state: 'good'}});
    expect(await app.current()).toBe(2);
    expect(app.events).toContainEqual(
      expect.objectContaining({type: 'deploy:tidying-failed', what: 'the drain of the old version'}),
    );
  });

  test('when the journal cannot be written', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    const {rm, mkdir} = await import('node:fs/promises');
    app.failures.drain = async () => {
      await rm(join(app.root, '.keelson/journal.jsonl'));
      await mkdir(join(app.root, '.keelson/journal.jsonl'));
    };
    expect(await app.deploy('2.0.0')).toMatchObject({result: 'deployed'});
    expect(app.types().at(-1)).toBe('deploy:tidying-failed');
  });

  test('when it is cancelled during the drain', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    const cancelling = new AbortController();
    app.failures.drain = () => cancelling.abort();
    expect(await app.deploy('2.0.0', {}, {signal: cancelling.signal})).toMatchObject({result: 'deployed'});
    expect(app.serving()).toEqual([2]);
  });
});

describe('what is started', () => {
  test('has the values of the config revision, and nothing of ours but a few variables', async () => {
    const environment = {
      PATH: '/opt/bin:/bin',
      HOME: '/home/app',
      LANG: 'de_DE.UTF-8',
      AWS_SECRET: 'x',
      TZ: undefined,
    };
    await using app = await bench({environment});
    await app.configure('TITLE=Our shop\nEMPTY=\n');
    await app.deploy('1.0.0');
    const {env, cwd, release} = app.workload();
    expect(cwd).toBe(join(app.root, 'releases/1'));
    expect(release.number).toBe(1);
    expect(env).toEqual({
      NODE_ENV: 'production',
      PATH: `${cwd}/node_modules/.bin:${join(process.execPath, '..')}:/opt/bin:/bin`,
      HOME: '/home/app',
      LANG: 'de_DE.UTF-8',
      TITLE: 'Our shop',
      EMPTY: '',
    });
  });

  test('is configured above anything else', async () => {
    await using app = await bench();
    await app.configure('NODE_ENV=staging\nPATH=/mine\nHOME=/data\n');
    await app.deploy('1.0.0');
    expect(app.workload().env).toMatchObject({NODE_ENV: 'staging', HOME: '/data'});
    expect(app.workload().env['PATH']).toMatch(/:\/mine$/);
  });

  test('the release phase has the same environment, in the release that is made', async () => {
    await using app = await bench();
    await app.configure('TITLE=Our shop\n');
    await app.deploy('1.0.0', {
      files: {
        Procfile: 'web: node x\nrelease: echo "$TITLE $NODE_ENV $(cat server.js) ${npm_config_cache-none}"',
      },
    });
    expect(app.events).toContainEqual({
      type: 'deploy:migration-printed',
      line: 'Our shop production // 1.0.0 none',
    });
    expect(app.workload().instances.map(({name}) => name)).toEqual(['web.1']);
  });

  test('the release phase runs while the old version serves', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    const current = join(app.root, 'current/server.js');
    await app.deploy('2.0.0', {files: {Procfile: `web: node x\nrelease: cat ${current}`}});
    expect(app.events).toContainEqual({type: 'deploy:migration-printed', line: '// 1.0.0'});
  });

  test('has the health check of the app, or of the deployment', async () => {
    await using app = await bench();
    const parts = {keelson: {health: {path: '/up', timeoutMs: 9000}}};
    await app.deploy('1.0.0', parts);
    expect(app.workload().health).toEqual({path: '/up', timeoutMs: 9000});
    await app.dir.write({'shop/keelson.json': '{"health": {"path": "/healthz"}}'});
    await app.deploy('1.1.0', parts);
    expect(app.workload().health).toEqual({path: '/healthz', timeoutMs: 9000});
  });
});

describe('rollback', () => {
  test('goes to the release before, with its configuration', async () => {
    await using app = await bench();
    await app.configure('TITLE=One\n');
    await app.deploy('1.0.0');
    await app.configure('TITLE=Two\n');
    await app.deploy('2.0.0');
    expect(app.workload().env).toMatchObject({TITLE: 'Two'});
    const deployment = await app.rollback();
    expect(deployment).toMatchObject({
      kind: 'deployment',
      result: 'rolled-back',
      replaced: 2,
      release: {number: 1, config: 1, state: 'good'},
    });
    expect(app.workload().env).toMatchObject({TITLE: 'One'});
    expect(app.serving()).toEqual([1]);
    expect(await app.current()).toBe(1);
    expect((await app.look()).releases[1]).toMatchObject({state: 'bad', because: 'rolled back to release 1'});
    expect((await app.journal()).at(-1)).toMatchObject({
      what: 'rollback',
      result: 'rolled-back',
      release: 1,
      config: 1,
      replaced: 2,
    });
    await app.deploy('3.0.0'); // the configuration came with other code, which may need it
    expect(app.workload().env).toMatchObject({TITLE: 'Two'});
  });

  test('with one release, or none, says that there is nothing', async () => {
    await using app = await bench();
    await expectFault(app.rollback(), 'DEPLOY_NOTHING_TO_ROLL_BACK');
    await app.deploy('1.0.0');
    await expectFault(app.rollback(), 'DEPLOY_NOTHING_TO_ROLL_BACK');
    await expectFault(app.rollback({release: 1}), 'DEPLOY_NOTHING_TO_ROLL_BACK');
    await expectFault(app.rollback({release: 7}), 'RELEASE_MISSING');
    expect(app.serving()).toEqual([1]);
    expect(await app.current()).toBe(1);
  });

  test('passes over five failed ones', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    app.failures.watch = () => notReady;
    for (let turn = 0; turn < 5; turn++) await app.deploy('2.0.0');
    delete app.failures.watch;
    await app.deploy('3.0.0');
    expect(await app.rollback()).toMatchObject({result: 'rolled-back', release: {number: 1}});
  });

  test('does not look at times of files', async () => {
    await using app = await bench();
    const {utimes} = await import('node:fs/promises');
    for (let turn = 1; turn <= 3; turn++) {
      await app.deploy(`${turn}.0.0`);
      const time = (await stat(app.root)).mtimeMs / 1000 - turn * 1000;
      await utimes(join(app.root, `releases/${turn}`), time, time);
    }
    expect(await app.rollback()).toMatchObject({release: {number: 2}});
    expect(await app.rollback()).toMatchObject({release: {number: 1}});
  });

  test('works after old releases were removed', async () => {
    await using app = await bench();
    for (let turn = 1; turn <= 4; turn++) await app.deploy(`${turn}.0.0`, {}, {keep: 1});
    expect(await app.rollback()).toMatchObject({result: 'rolled-back', release: {number: 3}});
    await expectFault(app.rollback(), 'DEPLOY_NOTHING_TO_ROLL_BACK');
  });

  test('goes where it is told, also forward', async () => {
    await using app = await bench();
    for (let turn = 1; turn <= 3; turn++) await app.deploy(`${turn}.0.0`);
    expect(await app.rollback({release: 1})).toMatchObject({release: {number: 1}});
    expect(await app.rollback({release: 3})).toMatchObject({release: {number: 3, state: 'good'}});
    expect((await app.look()).releases.map(({state}) => state)).toEqual(['good', 'good', 'good']);
  });

  test('can be taken back, also after deploys that failed', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    await app.deploy('2.0.0');
    await app.rollback();
    app.failures.ready = () => notReady;
    await app.deploy('3.0.0');
    await app.deploy('3.0.1');
    delete app.failures.ready;
    expect(await app.rollback({release: 2})).toMatchObject({
      result: 'rolled-back',
      release: {number: 2, state: 'good'},
    });
  });

  test('to a release that does not get healthy any more changes nothing', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    await app.deploy('2.0.0');
    app.failures.ready = () => notReady;
    expect(await app.rollback()).toMatchObject({
      result: 'refused',
      because: 'web.1: GET / answered 500',
      release: {number: 1, state: 'good'},
    });
    expect(app.serving()).toEqual([2]);
    expect(await app.current()).toBe(2);
    expect((await app.look()).releases.map(({state}) => state)).toEqual(['good', 'good']);
  });

  test('does not run the release phase', async () => {
    await using app = await bench();
    await app.deploy('1.0.0', {files: {Procfile: 'web: node x\nrelease: echo once'}});
    await app.deploy('2.0.0');
    await app.rollback();
    expect(app.types().filter((type) => type === 'deploy:migration-printed')).toHaveLength(1);
  });
});

describe('resume', () => {
  test('starts what is current, with its configuration', async () => {
    await using app = await bench();
    await app.configure('TITLE=One\n');
    await app.deploy('1.0.0');
    await app.configure('TITLE=Two\n');
    const again = fakeRuntime();
    const deployment = await resume({root: app.root, runtime: again.runtime}, {allowRoot: true});
    expect(deployment).toMatchObject({
      result: 'deployed',
      release: {number: 1},
      formation: [{name: 'web.1'}, {}],
    });
    expect(again.calls).toEqual(['start 1', 'ready 1', 'open 1']);
    expect(again.workload().env).toMatchObject({TITLE: 'One'});
    expect((await app.journal()).at(-1)).toMatchObject({what: 'resume', result: 'deployed', release: 1});
  });

  test('has nothing to do where nothing is deployed, or all runs', async () => {
    await using app = await bench();
    expect(await app.resume()).toBeUndefined();
    expect(existsSync(app.root)).toBe(false);
    await app.deploy('1.0.0');
    expect(await app.resume()).toBeUndefined();
    expect(app.calls).toHaveLength(4);
  });

  test('refuses what does not get healthy, and leaves no process', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    const again = fakeRuntime();
    again.failures.ready = () => notReady;
    const deployment = await resume({root: app.root, runtime: again.runtime}, {allowRoot: true});
    expect(deployment).toMatchObject({result: 'refused', because: 'web.1: GET / answered 500'});
    expect(again.alive()).toEqual([]);
    expect(await app.current()).toBe(1);
    expect((await app.look()).current).toMatchObject({state: 'good'});
  });
});
