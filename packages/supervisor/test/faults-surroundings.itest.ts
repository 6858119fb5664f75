import {readdir, rename, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {describeWith, freePort, testdir, until} from '@keelson/test-kit';
import {app, childrenOf, PID_NAMESPACE, run, serving, started} from './faults.ts';
import {fixtures} from './load.ts';

/** An idle connection would hold the drain up. */
const fetchOnce = (url: string) => fetch(url, {headers: {connection: 'close'}});

describe('what a supervisor stands on', () => {
  test.each([
    ['the one file', []],
    ['the parser of the commands', ['--on-usr2', 'roll']],
  ])(
    '20: stdout is closed (`| head -1`), %s: a notice on stderr, and the workers serve on',
    async (_, flags) => {
      const port = await freePort();
      const argv = [run, '--port', String(port), ...flags, '--', 'node', app];
      await using supervisor = started(process.execPath, argv);
      const {child, told} = supervisor;
      await until(() => told().includes('takes traffic'));
      child.stdout.destroy();
      const ask = async (path: string) => (await fetchOnce(`http://127.0.0.1:${port}/${path}`)).text();
      await ask('lines');
      await until(() => /stdout.*EPIPE/.test(told()));
      await until(async () => Number(await ask('count')) > 500);
      child.kill('SIGTERM');
      expect(await supervisor.exited).toEqual([0, null]);
      expect(told().match(/EPIPE/g)!.length).toBeLessThanOrEqual(2); // as a message and as a code: told once
    },
  );

  test('30: `current` is switched and the old folder deleted: a roll starts the new release', async () => {
    const manifest = (release: string) => ({
      [`releases/${release}/.env`]: `RELEASE=${release}\n`,
      [`releases/${release}/app.mjs`]: {link: app},
    });
    await using root = await testdir({...manifest('1'), ...manifest('2'), current: {link: 'releases/1'}});
    await using s = await serving({
      cwd: root.at('current'),
      env: {PWD: root.at('current')},
      command: ['node', 'app.mjs'],
    });
    const load = s.get('slow');
    await s.get();
    await symlink('releases/2', root.at('next'));
    await rename(root.at('next'), root.at('current'));
    await rm(root.at('releases/1'), {recursive: true});
    expect(await s.control.roll({wait: true})).toMatchObject({state: 'done'});
    expect(await load).toBe('release 1');
    expect(await s.get()).toMatch(/^release 2/);
  });

  test('31: the clock jumps a day forth and back: nothing is restarted', async () => {
    await using clock = await testdir();
    const preload = join(fixtures, 'faults-clock.cjs');
    await using s = await serving({
      flags: ['--max-uptime', '1h', '--hang-limit', '20s'],
      env: {NODE_OPTIONS: `--require="${preload}"`, CLOCK_OFFSET: clock.at('offset')},
    });
    const before = (await s.workers())[0]!;
    for (const offset of [86_400_000, -86_400_000]) {
      await writeFile(clock.at('offset'), String(offset));
      await s.program.line(`looked at ${offset}`);
      expect((await s.workers())[0]).toMatchObject({pid: before.pid, restarts: 0, state: 'open'});
    }
    expect(s.program.stdout).not.toContain('is replaced');
    expect(await s.get()).toMatch(/^release 1/);
  });
});

describeWith(['unshare'], 'in a namespace of its own', () => {
  test('37: as PID 1 it says which init to put above it, serves, and ends at SIGTERM', async () => {
    const port = await freePort();
    await using s = await serving();
    const argv = [...PID_NAMESPACE, process.execPath, run, '--port', String(port), '--', 'node', app];
    await using supervisor = started('unshare', argv, {env: {...process.env, TMPDIR: s.directory.path}});
    const {child, told} = supervisor;
    supervisor.readAll();
    await until(() => told().includes('takes traffic'));
    expect(told()).toMatch(/tini|catatonit/);
    const answer = await fetchOnce(`http://127.0.0.1:${port}/`);
    expect(answer.status).toBe(200);
    const [first] = await childrenOf(child.pid!);
    process.kill(first!, 'SIGTERM');
    expect(await supervisor.exited).toEqual([0, null]);
    // To it the process of the one whose temporary directory it shares was not there.
    expect(await s.control.roll({wait: true})).toMatchObject({state: 'done'});
    // Nor is that directory for ever: it is tidied up after some days.
    for (const name of await readdir(s.directory.path))
      if (name.startsWith('keelson-')) await rm(s.directory.at(name), {recursive: true});
    expect(await s.control.roll({wait: true})).toMatchObject({state: 'done'});
  });
});
