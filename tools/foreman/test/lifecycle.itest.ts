import {spawn} from 'node:child_process';
import {setTimeout as delay} from 'node:timers/promises';

import {describe, expect, test} from '@jest/globals';
import {processesWith, until} from '@keelson/test-kit';

import {app, fixture, FOREMAN, linesOf} from './foreman-app.ts';

const BACKGROUND = (mark: string) => `sh -c 'echo up; sleep ${mark} & sleep ${mark}; true'`;

describe('exit code', () => {
  const cases: [string, string, number][] = [
    ['that of the first process that ends', 'exit 7', 7],
    ['0 when that is 0', 'exit 0', 0],
    ['128 + 9 after SIGKILL', 'kill -KILL $$', 137],
    ['128 + 15 after SIGTERM of somebody else', 'kill -TERM $$', 143],
    ['127 for a command that there is none of', 'no-such-command-here', 127],
  ];
  test.each(cases)('%s', async (_, command, code) => {
    await using it = await app((mark) => ({Procfile: `a: ${command}\nb: sleep ${mark}\n`}));
    const result = await it.run(['start']);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain('b.1 was ended by SIGTERM');
    await it.nobodyLeft();
  });

  test('the first one counts, not what the others make of their TERM', async () => {
    await using it = await app(() => ({
      Procfile: `a: sleep 0.2; exit 3\nb: trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done\n`,
    }));
    expect((await it.run(['start'])).code).toBe(3);
  });

  test('1 for a missing Procfile and an unknown process, 2 for a bad flag; never a stack trace', async () => {
    await using empty = await app(() => ({}));
    const missing = await empty.run(['start']);
    expect([missing.code, missing.stdout]).toEqual([1, '']);
    expect(missing.stderr).toContain('Procfile does not exist.');
    await using it = await app(() => ({Procfile: 'a: true\n'}));
    const unknown = await it.run(['start', 'nope']);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('unknown process nope');
    const none = await it.run(['start', 'a=0']);
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('nothing to start')]);
    const formation = await it.run(['start', 'a=x']);
    expect([formation.code, formation.stderr]).toEqual([2, expect.stringContaining('"a=x" is not TYPE=N')]);
    expect((await it.run(['start', '--port', '0'])).code).toBe(2);
    const flag = await it.run(['start', '--tmeout', '3']);
    expect([flag.code, flag.stderr]).toEqual([2, expect.stringContaining('--timeout')]);
    const value = await it.run(['start', '--timeout', 'soon']);
    expect([value.code, value.stderr]).toEqual([2, expect.stringContaining('soon is no number of seconds')]);
    expect(`${missing.stderr}${unknown.stderr}${flag.stderr}${value.stderr}`).not.toMatch(/^\s+at /m);
  });
});

describe('asked to end', () => {
  const signals = [
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const;

  test.each(signals)('%s: everybody ends, also what a child left in the background', async (signal, code) => {
    await using it = await app((mark) => ({Procfile: `a: ${BACKGROUND(mark)}\nb: sleep ${mark}\n`}));
    await using foreman = it.start();
    await foreman.line(/a\.1.*up/);
    foreman.kill(signal);
    expect(await foreman.exited).toEqual({code, signal: null});
    await it.nobodyLeft();
  });

  test('what a process says while it ends is shown', async () => {
    await using it = await app(() => ({Procfile: `a: ${fixture('says-bye.mjs')} 300\n`}));
    await using foreman = it.start();
    await foreman.line('up');
    foreman.kill('SIGTERM');
    expect((await foreman.exited).code).toBe(143);
    expect(linesOf(foreman.stdout)).toEqual(['a.1 | up', 'a.1 | ending', 'a.1 | BYE']);
  });

  test('a stubborn one is killed after --timeout', async () => {
    await using it = await app((mark) => ({Procfile: `a: exec ${fixture('stubborn.mjs')} ${mark}\n`}));
    await using foreman = it.start(['--timeout', '0.4']);
    await foreman.line('stubborn');
    foreman.kill('SIGTERM');
    await foreman.line('not for SIGTERM');
    expect((await foreman.exited).code).toBe(143);
    expect(foreman.stderr).toContain('a.1 was ended by SIGKILL');
    await it.nobodyLeft();
  });

  test('a second Ctrl-C kills at once, but not one that npm passes on', async () => {
    await using it = await app((mark) => ({Procfile: `a: ${fixture('stubborn.mjs')} ${mark}\n`}));
    await using foreman = it.start(['--timeout', '600']);
    await foreman.line('stubborn');
    foreman.kill('SIGINT');
    foreman.kill('SIGINT');
    await foreman.line('not for SIGTERM');
    await delay(300); // the echo's time has to pass
    expect(processesWith(it.mark)).not.toEqual([]);
    foreman.kill('SIGINT');
    expect((await foreman.exited).code).toBe(130);
    expect(foreman.stderr).toContain('killing what is left');
    await it.nobodyLeft();
  });

  test('SIGKILL of the runner leaves nobody either', async () => {
    await using it = await app((mark) => ({Procfile: `a: ${BACKGROUND(mark)}\nb: sleep ${mark}\n`}));
    await using foreman = it.start();
    await foreman.line(/a\.1.*up/);
    foreman.kill('SIGKILL');
    expect((await foreman.exited).signal).toBe('SIGKILL');
    await it.nobodyLeft();
  });

  test('the reader of the output goes away: everybody is asked to end, exit 141', async () => {
    await using it = await app((mark) => ({
      Procfile: `a: while echo tick; do sleep 0.02; done\nb: trap 'touch asked; exit' TERM; sleep ${mark} & wait\n`,
    }));
    const shell = spawn(
      'bash',
      ['-c', `'${process.execPath}' '${FOREMAN}' start 2>/dev/null | head -1; exit \${PIPESTATUS[0]}`],
      {
        cwd: it.dir.path,
        stdio: ['ignore', 'ignore', 'ignore'],
      },
    );
    const code = await new Promise((resolve) => shell.once('exit', resolve));
    expect(code).toBe(141);
    expect(await it.dir.list()).toContain('asked');
    await it.nobodyLeft();
  });

  test('stdin that ends, or is closed, means nothing', async () => {
    await using it = await app((mark) => ({Procfile: `a: cat; echo got nothing; sleep ${mark}\n`}));
    await using foreman = it.start([], {input: 'not for children\n'});
    await foreman.line('got nothing');
    foreman.kill('SIGTERM');
    expect((await foreman.exited).code).toBe(143);
    expect(foreman.stdout).not.toContain('not for children');
  });
});

describe('who may end', () => {
  test('--can-die: the others run on; the end is when the last has ended, with the first failure', async () => {
    await using it = await app(() => ({Procfile: 'a: exit 4\nb: sleep 0.3; echo b is done\n'}));
    const result = await it.run(['start', '--can-die', 'all']);
    expect([result.code, linesOf(result.stdout)]).toEqual([4, ['b.1 | b is done']]);
  });

  test('--stop-on failure: an end with 0 is none of it', async () => {
    await using it = await app((mark) => ({Procfile: `a: true\nb: sleep 0.2; exit 5\nc: sleep ${mark}\n`}));
    const result = await it.run(['start', '--stop-on', 'failure']);
    expect(result.code).toBe(5);
    await it.nobodyLeft();
  });

  test('canDie of package.json, and --any-exit against it', async () => {
    const keelson = {processes: {a: {canDie: true}}};
    await using it = await app(() => ({
      Procfile: 'a: true\nb: sleep 0.2; exit 6\n',
      'package.json': JSON.stringify({name: 'x', keelson}),
    }));
    expect((await it.run(['start'])).code).toBe(6);
    expect((await it.run(['start', '--any-exit'])).code).toBe(0);
  });
});

describe('restart', () => {
  test('--restart: what fails starts again, and its last failure counts when the limit is reached', async () => {
    await using it = await app((mark) => ({Procfile: `a: echo run; exit 8\nb: sleep ${mark}\n`}));
    const result = await it.run(['start', '--restart', '--restart-limit', '2']);
    expect(result.code).toBe(8);
    expect(linesOf(result.stdout)).toEqual(['a.1 | run', 'a.1 | run', 'a.1 | run']);
    expect(result.stderr).toMatch(/starts again in 250 ms[^]*starts again in 500 ms/);
  });

  test('an end with 0 is no failure; `always` of package.json starts that again, too', async () => {
    const keelson = {processes: {a: {restart: 'always'}}};
    await using it = await app(() => ({
      Procfile: 'a: echo again\nb: sleep 0.4; exit 2\n',
      'package.json': JSON.stringify({name: 'x', keelson}),
    }));
    const always = await it.run(['start']);
    expect(always.code).toBe(2);
    expect(linesOf(always.stdout).length).toBeGreaterThan(1);
    await it.dir.write({'package.json': '{}'});
    expect((await it.run(['start', '--restart'])).code).toBe(0);
  });

  test('Ctrl-C ends a pause before a restart at once', async () => {
    await using it = await app(() => ({Procfile: 'a: exit 1\n'}));
    await using foreman = it.start(['--restart', '--restart-limit', '100']);
    await foreman.line('starts again in 1000 ms');
    foreman.kill('SIGINT');
    expect((await foreman.exited).code).toBe(130);
  });

  test('what a failed run left in its group is gone before the next one', async () => {
    await using it = await app((mark) => ({Procfile: `a: sleep ${mark} & exit 1\n`}));
    await using foreman = it.start(['--restart']);
    await foreman.line('starts again in 500 ms');
    await until(() => processesWith(it.mark).length <= 1);
    foreman.kill('SIGTERM');
    expect((await foreman.exited).code).toBe(143);
    await it.nobodyLeft();
  });
});

test('stop signal and grace of a type', async () => {
  const keelson = {processes: {a: {stopSignal: 'SIGINT', graceMs: 300}, b: {stopSignal: 'SIGUSR1'}}};
  await using it = await app((mark) => ({
    Procfile: [
      `a: trap 'echo INT' INT; trap '' TERM; echo up; while :; do sleep 0.05; done # ${mark}`,
      `b: trap 'echo USR1; exit' USR1; echo up; while :; do sleep 0.05; done # ${mark}`,
    ].join('\n'),
    'package.json': JSON.stringify({name: 'x', keelson}),
  }));
  await using foreman = it.start();
  await foreman.line(/a\.1.*up/);
  await foreman.line(/b\.1.*up/);
  foreman.kill('SIGTERM');
  await foreman.exited;
  expect(linesOf(foreman.stdout)).toEqual(expect.arrayContaining(['a.1 | INT', 'b.1 | USR1']));
  expect(foreman.stderr).toContain('a.1 was ended by SIGKILL');
  await it.nobodyLeft();
});

describe('those that others depend on', () => {
  const keelson = (ready: object) => ({
    'package.json': JSON.stringify({
      name: 'x',
      keelson: {processes: {db: {ready}, web: {dependsOn: ['db']}}},
    }),
  });

  test('are ready first', async () => {
    await using it = await app(() => ({
      Procfile: 'web: echo web\ndb: sleep 0.2; echo db accepts connections; sleep 5\n',
      ...keelson({line: 'accepts'}),
    }));
    const result = await it.run(['start']);
    expect(result.code).toBe(0);
    expect(linesOf(result.stdout)).toEqual(['db.1 | db accepts connections', 'web.1 | web']);
  });

  test('and when they never are, nothing starts: exit 1, with the reason', async () => {
    await using it = await app((mark) => ({
      Procfile: `web: echo web\ndb: sleep ${mark}\n`,
      ...keelson({line: 'accepts', timeoutMs: 200}),
    }));
    const result = await it.run(['start']);
    expect([result.code, result.stdout]).toEqual([1, '']);
    expect(result.stderr).toContain('db.1 is not ready, and web.1 wait for it');
    await it.nobodyLeft();
  });

  test('wait for each other: exit 1 before anything starts', async () => {
    await using it = await app(() => ({Procfile: 'a: echo a\nb: echo b\n'}));
    const result = await it.run(['start', '--depends', 'a=b', '--depends', 'b=a']);
    expect([result.code, result.stdout]).toEqual([1, '']);
    expect(result.stderr).toContain('a → b → a');
  });
});
