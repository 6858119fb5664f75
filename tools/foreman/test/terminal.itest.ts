import {execFileSync} from 'node:child_process';
import {setTimeout as delay} from 'node:timers/promises';

import {expect, test} from '@jest/globals';
import {describeWith, processesWith, until} from '@keelson/test-kit';

import {app, fixture, FOREMAN, type App} from './foreman-app.ts';

/** A terminal of 100 × 30 in which a shell runs a command line and then says how it ended. */
interface Terminal extends AsyncDisposable {
  /** What it shows; with control sequences for colours. */
  screen(): string;
  shows(text: string | RegExp): Promise<string>;
  keys(...keys: string[]): void;
  resize(columns: number, rows: number): void;
  close(): void;
}

let servers = 0;

async function terminal(it: App, argv: string): Promise<Terminal> {
  const server = `keelson-${process.pid}-${servers++}`;
  const tmux = (...words: string[]) =>
    execFileSync('tmux', ['-L', server, '-f', '/dev/null', ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  // The shell is in the terminal's foreground, too: a Ctrl-C would end it.
  const line = `trap : INT; '${process.execPath}' '${FOREMAN}' ${argv}; echo "rc=$?"; sleep 600`;
  const env = ['-u', 'NO_COLOR', '-u', 'FORCE_COLOR', 'sh', '-c', line];
  tmux('new-session', '-d', '-x', '100', '-y', '30', '-c', it.dir.path, 'env', ...env);
  const screen = () => tmux('capture-pane', '-p', '-e', '-J');
  const close = () => {
    try {
      tmux('kill-server');
    } catch {
      // it has none any more
    }
  };
  return {
    screen,
    async shows(text) {
      await until(() => (typeof text === 'string' ? screen().includes(text) : text.test(screen())), {
        what: `${text} on the screen`,
        timeoutMs: 15_000,
      });
      return screen();
    },
    keys: (...keys) => void tmux('send-keys', ...keys),
    resize: (columns, rows) => void tmux('resize-window', '-x', String(columns), '-y', String(rows)),
    close,
    [Symbol.asyncDispose]: async () => close(),
  };
}

describeWith(['tmux'], 'in a terminal', () => {
  test('lines are in colour, children are told, and what we say stands between the lines', async () => {
    await using it = await app((mark) => ({
      Procfile: `web: echo "color $FORCE_COLOR"; echo oops >&2; sleep ${mark}\n`,
    }));
    await using tty = await terminal(it, 'start');
    const screen = (await tty.shows('oops')).replaceAll('\u001b', '^');
    expect(screen).toMatch(/\^\[33m\d\d:\d\d:\d\d web\.1 {2}\| \^\[39mcolor [123]/);
    expect(screen).toContain('^[31m! ^[39moops');
    expect(screen).toMatch(/system \| .*web\.1 started with pid \d+, port 5000/);
  });

  test('Ctrl-C ends everything in order: 130', async () => {
    await using it = await app((mark) => ({
      Procfile: `a: ${fixture('says-bye.mjs')} 200\nb: sleep ${mark}\n`,
    }));
    await using tty = await terminal(it, 'start');
    await tty.shows('up');
    tty.keys('C-c');
    const screen = await tty.shows('rc=130');
    expect(screen).toContain('BYE');
    await it.nobodyLeft();
  });

  test('a second Ctrl-C kills', async () => {
    await using it = await app((mark) => ({Procfile: `a: exec ${fixture('stubborn.mjs')} ${mark}\n`}));
    await using tty = await terminal(it, 'start --timeout 600');
    await tty.shows('stubborn');
    tty.keys('C-c');
    await tty.shows('not for SIGTERM');
    await delay(300); // the time of an echo
    tty.keys('C-c');
    expect(await tty.shows('rc=130')).toContain('killing what is left');
    await it.nobodyLeft();
  });

  test('a terminal that is stopped (Ctrl-S) does not keep a TERM from working', async () => {
    await using it = await app((mark) => ({
      Procfile: `a: echo $PPID > pid; echo up; sleep 0.5; yes ${mark}\n`,
    }));
    await using tty = await terminal(it, 'start --timeout 1');
    await tty.shows('up');
    tty.keys('C-s');
    await until(() => processesWith(`yes ${it.mark}`).length > 0);
    await delay(300); // for the terminal to be full
    process.kill(Number(await it.dir.read('pid')), 'SIGTERM');
    await it.nobodyLeft();
    tty.keys('C-q');
    expect(await tty.shows('rc=143')).toContain('a.1');
  });

  test('the terminal goes away: nobody is left', async () => {
    await using it = await app((mark) => ({
      Procfile: `a: echo up; sleep ${mark} & sleep ${mark}\nb: yes ${mark}\n`,
    }));
    await using tty = await terminal(it, 'start --hide b');
    await tty.shows('up');
    tty.close();
    await it.nobodyLeft();
    expect(processesWith(it.mark)).toEqual([]);
  });

  test('a prompt without a newline is held back until its line is complete, and nothing is put into it', async () => {
    await using it = await app((mark) => ({
      Procfile: `a: printf 'name? '; sleep 0.6; echo none\nb: sleep 0.2; echo in between; sleep ${mark}\n`,
    }));
    await using tty = await terminal(it, 'start --no-color --can-die a');
    const screen = await tty.shows('name? none');
    expect(screen).toMatch(/b\.1 {4}\| in between\n.*a\.1 {4}\| name\? none/);
  });

  test('run: the command has the terminal, and Ctrl-C is its own', async () => {
    await using it = await app(() => ({}));
    const script = `trap 'echo caught' INT; printf 'name? '; read name < /dev/tty; echo "hello $name"; exit 4`;
    await it.dir.write({'ask.sh': script});
    const notFound = `'${process.execPath}' '${FOREMAN}' run no-such-program x`;
    await using tty = await terminal(it, `run sh ask.sh; echo "ask=$?"; ${notFound}`);
    await tty.shows('name?');
    tty.keys('C-c');
    await tty.shows('caught');
    tty.keys('you', 'Enter');
    const screen = await tty.shows('rc=');
    expect(screen).toMatch(/ask=[04]/);
    expect(screen).toMatch(/no-such-program: not found[^]*rc=127/);
  });

  test('the terminal changes its size: lines go on', async () => {
    await using it = await app((mark) => ({
      Procfile: `a: n=0; while :; do n=$((n+1)); echo tick $n; sleep 0.05; done # ${mark}\n`,
    }));
    await using tty = await terminal(it, 'start --wrap');
    await tty.shows('tick');
    tty.resize(40, 10);
    const before = tty.screen();
    await until(() => tty.screen() !== before, {what: 'another line'});
    tty.keys('C-c');
    expect(await tty.shows('rc=130')).toContain('a.1');
    await it.nobodyLeft();
  });
});
