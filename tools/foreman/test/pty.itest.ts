import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {describe, expect, test} from '@jest/globals';
import {describeWith, until} from '@keelson/test-kit';

import {app, FOREMAN, linesOf} from './foreman-app.ts';

const START = ['start', '--no-control', '--pty'];

describe('start --pty', () => {
  test('a process sees a terminal, also as /dev/tty, and its lines end as it wrote them', async () => {
    await using it = await app(() => ({
      Procfile: `a: test -t 0 && test -t 1 && test -t 2 && echo all; echo tty > /dev/tty; stty size; echo $TERM; printf 'x\\r\\ny'\n`,
    }));
    const {code, stdout} = await it.run(START, {env: {TERM: undefined}});
    expect(linesOf(stdout)).toEqual(
      ['all', 'tty', '24 80', 'xterm-256color', 'x\r', 'y'].map((line) => `a.1 | ${line}`),
    );
    expect(code).toBe(0);
  });

  test('nothing of the last output is lost, however slowly it is read', async () => {
    await using it = await app(() => ({Procfile: `a: seq 1 100000; printf END; exit 3\n`}));
    const wanted = `${Array.from({length: 100_000}, (_, index) => index + 1).join('\n')}\nEND`;
    const quick = await it.run([...START, '--raw']);
    expect(quick.code).toBe(3);
    expect(quick.stdout === wanted).toBe(true);
    const script = `"$1" "$2" start --no-control --pty --raw | (sleep 1; cat) > slow`;
    await promisify(execFile)('/bin/sh', ['-c', script, 'sh', process.execPath, FOREMAN], {cwd: it.dir.path});
    expect((await it.dir.read('slow')) === wanted).toBe(true);
  });

  test('its exit code or signal, and a command that there is none of', async () => {
    await using it = await app(() => ({Procfile: 'a: kill -9 $$\n', Other: 'a: no-such-command\n'}));
    expect((await it.run(START)).code).toBe(137);
    const missing = await it.run([...START, '-f', 'Other']);
    expect(missing.code).toBe(127);
    expect(missing.stdout).toContain('not found');
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const)(
    '%s to the runner leaves nobody',
    async (signal) => {
      await using it = await app((mark) => ({
        Procfile: [
          `a: trap '' TERM HUP INT; echo ready; while :; do sleep ${mark}; done`,
          `b: nohup sleep ${mark} & sleep ${mark} & wait`,
          `c: sh -c 'sleep ${mark} & sleep ${mark}; true'`,
          '',
        ].join('\n'),
      }));
      await using runner = it.start(['--no-control', '--pty', '--timeout', '1']);
      await runner.line('| ready');
      runner.kill(signal);
      await runner.exited;
      await expect(it.nobodyLeft()).resolves.toBeUndefined();
    },
  );

  test('somebody who left the group and keeps the terminal open does not hold up the end', async () => {
    await using it = await app((mark) => ({
      Procfile: `a: setsid sh -c 'echo away; sleep ${mark}' & sleep 0.3; echo here\n`,
    }));
    const {code, stdout} = await it.run(START);
    expect([code, linesOf(stdout).sort()]).toEqual([0, ['a.1 | away', 'a.1 | here']]);
  });

  test('without the module: exit 1, and how to install it', async () => {
    await using it = await app(() => ({
      Procfile: 'a: echo\n',
      'without.cjs': `const Module = require('node:module');
        const resolve = Module._resolveFilename;
        Module._resolveFilename = function (name, ...rest) {
          if (/node-pty-/.test(name)) throw Object.assign(new Error('Cannot find ' + name), {code: 'MODULE_NOT_FOUND'});
          return resolve.call(this, name, ...rest);
        };`,
    }));
    const {code, stderr} = await it.run(START, {
      env: {NODE_OPTIONS: `--require ${it.dir.at('without.cjs')}`},
    });
    expect(code).toBe(1);
    expect(stderr).toContain('--pty needs @lydell/node-pty');
    expect(stderr).toContain('npm install @lydell/node-pty');
    expect(stderr).not.toContain('    at ');
  });
});

describeWith(['tmux'], 'start --pty in a terminal', () => {
  test('passes the size of the window on, and its changes', async () => {
    await using it = await app(() => ({
      Procfile: `a: trap 'stty size' WINCH; stty size; while [ ! -e end ]; do sleep 0.05; done\n`,
      'tmux/': '',
    }));
    const tmux = (...words: string[]) => promisify(execFile)('tmux', ['-S', it.dir.at('tmux/s'), ...words]);
    const command = `cd '${it.dir.path}' && '${process.execPath}' '${FOREMAN}' start --no-control --pty; touch over; sleep 100`;
    await tmux('-f', '/dev/null', 'new-session', '-d', '-x', '91', '-y', '31', command);
    try {
      const shows = async (text: string) => (await tmux('capture-pane', '-p')).stdout.includes(text);
      const size = (await tmux('display-message', '-p', '#{pane_height} #{pane_width}')).stdout.trim();
      await until(() => shows(`| ${size}`), {what: `size ${size}`});
      await tmux('resize-window', '-x', '70', '-y', '20');
      const changed = (await tmux('display-message', '-p', '#{pane_height} #{pane_width}')).stdout.trim();
      expect(changed).not.toBe(size);
      await until(() => shows(`| ${changed}`), {what: `size ${changed}`});
      await it.dir.write({end: ''});
      await until(async () => (await it.dir.list()).includes('over'), {what: 'the end'});
    } finally {
      await tmux('kill-server');
    }
  });
});
