import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, openSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {alive, launchBin, packageRoot, runBin, testdir, until} from '@keelson/test-kit';

const folder = join(packageRoot(import.meta.url), 'test/fixtures/cli/bin');
const FIXTURE = join(folder, 'fixture.js');
const DEPLOY = join(folder, 'fixture-deploy.js');
const BROKEN = join(folder, 'fixture-broken.js');
const NOOP = join(folder, 'fixture-noop.js');
const VERSION = `@fixture/cli/1.2.3 ${process.platform}-${process.arch} node-${process.version}\n`;

const run = (line: string, options = {}) =>
  runBin(
    FIXTURE,
    line.split(' ').filter((word) => word !== ''),
    options,
  );

describe('what a bin says about itself', () => {
  test.each(['--version', '-V'])('%s', async (flag) => {
    expect(await run(flag)).toEqual({code: 0, signal: null, stdout: VERSION, stderr: ''});
  });

  test('--help lists the commands in the order of their groups', async () => {
    const {code, stdout, stderr} = await run('--help');
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(stdout).toBe(`Commands that behave in every way there is.

USAGE
  $ fixture COMMAND

FIRST
  noop    Do nothing.
  echo    Return what was given.

THEN
  deploy  Deploy an archive.
  verbs   Look at something.

MORE
  events  Tell events.
  fail    Fail in some way.
  pipe    Print without end.
  plan    Find something to do.
  read    Read a value.
  run     Run a program.
  wait    Wait for a signal.

fixture COMMAND --help says more about one of them.
`);
  });

  test('without a command the same listing is an error, on stderr', async () => {
    const {code, stdout, stderr} = await run('');
    expect({code, stdout}).toEqual({code: 2, stdout: ''});
    expect(stderr).toContain('$ fixture COMMAND');
    expect((await run('verbs')).code).toBe(2);
  });

  test.each([
    [FIXTURE, ['deploy', '--help'], '$ fixture deploy ARCHIVE', '$ fixture deploy app.tgz'],
    [FIXTURE, ['help', 'deploy'], '$ fixture deploy ARCHIVE', '$ fixture deploy app.tgz'],
    [DEPLOY, ['--help'], '$ fixture-deploy ARCHIVE', '$ fixture-deploy app.tgz'],
    [DEPLOY, ['help'], '$ fixture-deploy ARCHIVE', '$ fixture-deploy app.tgz'],
  ])('the help of a command names the bin it was asked of: %s %j', async (bin, argv, usage, example) => {
    const {code, stdout} = await runBin(bin, argv);
    expect(code).toBe(0);
    expect(stdout).toContain(`USAGE\n  ${usage}\n`);
    expect(stdout).toContain(`EXAMPLES\n  ${example}\n`);
    expect(stdout).toContain('COMMANDS\n  rollback  Do nothing.\n  releases  Do nothing.\n');
  });

  test('a command of its own has no COMMANDS', async () => {
    const {stdout} = await runBin(NOOP, ['-h']);
    expect(stdout).toContain('$ fixture-noop\n');
    expect(stdout).not.toContain('COMMANDS');
  });

  test('of a run-like command the program comes last', async () => {
    const {stdout} = await run('run --help');
    expect(stdout).toContain('USAGE\n  $ fixture run [-t <value>] [-e <value>] [--] COMMAND [ARG...]\n');
    expect(stdout).toContain('EXAMPLES\n  $ yes | fixture run -t x cat\n');
  });

  test('the flags that every command has are in the list and not in the usage', async () => {
    const {stdout} = await run('echo --help');
    const [usage] = stdout.split('ARGUMENTS');
    expect(usage).not.toContain('--json');
    for (const flag of ['-h, --help ', '-q, --quiet ', '    --json ']) expect(stdout).toContain(flag);
  });
});

describe('exit codes', () => {
  test.each([
    ['noop', 0, ''],
    ['plan', 0, ''],
    ['plan -n', 3, ''],
    ['fail fault', 1, 'error: cannot reach https://***@host/x\nhint: look at ssh://git@host/y\n'],
    ['fail temporary', 75, 'error: locked\n'],
    ['fail system', 1, 'error: no such file or directory: /nowhere/at/all\n'],
    ['fail usage', 2, 'error: one of these is too many\nhint: fixture fail --help shows how it is used\n'],
    ['fail exit', 9, ''],
    ['fail error', 4, 'error: said by hand\nhint: fixture fail --help shows how it is used\n'],
    ['ech', 2, 'error: there is no command `fixture ech`\nhint: did you mean `fixture echo`?\n'],
    ['echo', 2, 'error: FIRST is missing\nhint: fixture echo --help shows how it is used\n'],
    ['echo a --port', 2, 'error: --port needs a value\nhint: fixture echo --help shows how it is used\n'],
    ['fail nope', 2, expect.stringMatching(/^error: nope is none of fault, temporary, /)],
    ['echo a b c', 2, 'error: unexpected argument: c\nhint: fixture echo --help shows how it is used\n'],
    [
      'echo a --two-word',
      2,
      'error: there is no flag --two-word\nhint: did you mean --two-words? fixture echo --help shows the flags there are\n',
    ],
    [
      'echo a --port x',
      2,
      'error: --port: x is not an integer\nhint: fixture echo --help shows how it is used\n',
    ],
  ])('%s: %i', async (line, code, stderr) => {
    expect(await run(line)).toEqual({code, signal: null, stdout: '', stderr});
  });

  test.each(['bug', 'string', 'later', 'event'])(
    'a bug (%s) is called one, with a stack only when asked',
    async (way) => {
      const {code, stdout, stderr} = await run(`fail ${way}`);
      expect({code, stdout}).toEqual({code: 1, stdout: ''});
      expect(stderr).toMatch(/^error: internal error: .*\nhint: .*KEELSON_DEBUG=1.*\n$/);
      const loud = await run(`fail ${way}`, {env: {KEELSON_DEBUG: '1'}});
      expect(loud.stderr.split('\n').length).toBeGreaterThan(3);
    },
  );

  test('a table that cannot be loaded is a bug, too', async () => {
    const {code, stderr} = await runBin(BROKEN, ['x']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: internal error: Cannot find module/);
  });
});

describe('--json', () => {
  test('exactly the value that run() returned', async () => {
    const {code, stdout, stderr} = await run('echo one --two-words -e a,b -e c --port 80 --json');
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(JSON.parse(stdout)).toEqual({
      args: {first: 'one', second: 'none'},
      argv: ['one'],
      flags: {env: ['a', 'b', 'c'], port: 80, 'two-words': true, json: true},
      options: {env: ['a', 'b', 'c'], port: 80, twoWords: true},
    });
  });

  test.each([
    [
      'fail fault',
      1,
      {
        code: 'INPUT_MISSING',
        message: 'cannot reach https://***@host/x',
        hint: 'look at ssh://git@host/y',
        temporary: false,
      },
    ],
    ['fail temporary', 75, {code: 'STOPPED', message: 'locked', temporary: true}],
    [
      'fail system',
      1,
      {code: 'ENOENT', message: 'no such file or directory: /nowhere/at/all', temporary: false},
    ],
    [
      'ech',
      2,
      {
        code: 'USAGE',
        message: 'there is no command `fixture ech`',
        hint: 'did you mean `fixture echo`?',
        temporary: false,
      },
    ],
  ])('a failure is a value on stdout and words on stderr: %s', async (line, code, error) => {
    const result = await run(`${line} --json`);
    expect(result.code).toBe(code);
    expect(JSON.parse(result.stdout)).toEqual({error});
    expect(result.stderr).toContain(`error: ${error.message}\n`);
  });

  test('a command that has no value to print has no such flag', async () => {
    const {code, stdout, stderr} = await run('pipe --json');
    expect({code, stdout}).toEqual({code: 2, stdout: ''});
    expect(stderr).toContain('error: there is no flag --json\n');
    expect((await run('pipe --help')).stdout).not.toContain('--json');
  });

  test('a dry run that found something still prints its plan', async () => {
    const {code, stdout} = await run('plan -n --json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual({kind: 'plan', changes: 1});
  });

  test('one step feeds the next', async () => {
    const {stdout} = await run('noop --json');
    const next = await run('read - --json', {input: stdout});
    expect(JSON.parse(next.stdout)).toEqual({kind: 'read', value: {kind: 'nothing'}});
    const failed = await run('fail fault --json');
    expect(await run('read -', {input: failed.stdout})).toMatchObject({
      code: 1,
      stderr: 'error: the step before this one failed: cannot reach https://***@host/x\n',
    });
  });

  test('what is piped in is never taken for a missing argument', async () => {
    const {stdout} = await run('read --json', {input: 'not an argument\n'});
    expect(JSON.parse(stdout)).toEqual({kind: 'read', value: 'nothing'});
  });
});

describe('events', () => {
  const TOLD = 'opened: path a, size 3\nfetched https://***@host/path\nsaid by a program\nwarning: careful\n';
  test.each([
    ['events', 'printed\n', TOLD],
    ['events --quiet', 'printed\n', 'warning: careful\n'],
    ['events -q', 'printed\n', 'warning: careful\n'],
  ])('%s: stdout is data, stderr is talk', async (line, stdout, stderr) => {
    expect(await run(line)).toEqual({code: 0, signal: null, stdout, stderr});
  });
  test('a program that reads us is not told events', async () => {
    const {stdout, stderr} = await run('events --json');
    expect(stderr).toBe('warning: careful\n');
    expect(JSON.parse(stdout)).toEqual({kind: 'told'});
  });
  test.each([
    [{NO_COLOR: undefined, FORCE_COLOR: '1'}, '\u001B[1m\u001B[31merror:\u001B[39m\u001B[22m locked\n'],
    [{NO_COLOR: undefined, FORCE_COLOR: undefined}, 'error: locked\n'],
    [{NO_COLOR: '1', FORCE_COLOR: undefined}, 'error: locked\n'],
  ])('colour: %j', async (env, stderr) => {
    expect((await run('fail temporary', {env})).stderr).toBe(stderr);
  });
});

describe('run-like commands', () => {
  test.each([
    [
      '-t x node app.js --port 3 -t y a node --json -e b a',
      {argv: 'node app.js --port 3 -t y a node --json -e b a', tag: 'x', exec: null},
    ],
    ['-- -t y', {argv: '-t y', tag: null, exec: null}],
    ['- -t y', {argv: '- -t y', tag: null, exec: null}],
    ['--tag=x -e z -- node', {argv: 'node', tag: 'x', exec: 'z'}],
  ])('run --json %s', async (line, expected) => {
    const {stdout} = await run(`run --json ${line}`);
    expect(JSON.parse(stdout)).toEqual({...expected, argv: expected.argv.split(' ')});
  });
  test('--json of the program is not ours', async () => {
    expect(await run('run node --json')).toMatchObject({code: 0, stdout: ''});
  });
});

describe('signals', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s aborts the step and the command ends with %i, without a word', async (signal, code) => {
    await using wait = launchBin(FIXTURE, ['wait']);
    await wait.line('waiting');
    wait.kill(signal);
    expect(await wait.exited).toEqual({code, signal: null});
    expect(wait.stdout).toBe('waiting\naborted\n');
    expect(wait.stderr).toBe('');
  });

  test('under --json a program is told', async () => {
    await using wait = launchBin(FIXTURE, ['wait', '--json', '--loud']);
    await wait.line('waiting');
    wait.kill('SIGTERM');
    expect(await wait.exited).toEqual({code: 143, signal: null});
    expect(JSON.parse(wait.stdout)).toEqual({
      error: {code: 'STOPPED', message: 'stopped by SIGTERM', temporary: true},
    });
  });

  test('a service that ends well when it is asked to ends with 0, whatever it left open', async () => {
    await using wait = launchBin(FIXTURE, ['wait', '--resolve']);
    await wait.line('waiting');
    wait.kill('SIGTERM');
    expect(await wait.exited).toEqual({code: 0, signal: null});
  });

  test('what goes wrong while it is stopped is told', async () => {
    await using wait = launchBin(FIXTURE, ['wait', '--fault']);
    await wait.line('waiting');
    wait.kill('SIGINT');
    expect(await wait.exited).toEqual({code: 130, signal: null});
    expect(wait.stderr).toContain('error: internal error: torn down badly');
  });

  test('a promise that nobody waited for does not cut the cleaning up short', async () => {
    await using wait = launchBin(FIXTURE, ['wait', '--careless']);
    await wait.line('waiting');
    wait.kill('SIGINT');
    expect(await wait.exited).toEqual({code: 130, signal: null});
    expect(wait.stderr).toBe('');
  });

  test('a reader that does not read cannot hold the end up', async () => {
    const wait = spawn(process.execPath, [FIXTURE, 'wait', '--flood', '--loud'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await once(wait.stderr, 'data');
    wait.kill('SIGTERM');
    expect(await once(wait, 'exit')).toEqual([143, null]);
    wait.stdout.destroy();
  });

  test('a second signal ends at once', async () => {
    await using wait = launchBin(FIXTURE, ['wait', '--stubborn']);
    await wait.line('waiting');
    wait.kill('SIGINT');
    await wait.line('aborted');
    await until(() => {
      wait.kill('SIGTERM');
      return !alive(wait.pid);
    });
    expect(await wait.exited).toEqual({code: 143, signal: null});
  });

  test('but not the echo of the first, which timeout(1) sends to the whole group', async () => {
    await using wait = launchBin(FIXTURE, ['wait', '--careless']);
    await wait.line('waiting');
    wait.kill('SIGINT');
    await wait.line('aborted');
    wait.kill('SIGTERM');
    expect(await wait.exited).toEqual({code: 130, signal: null});
  });

  test('a command that does not listen dies of the signal', async () => {
    await using wait = launchBin(FIXTURE, ['wait', '--deaf']);
    await wait.line('waiting');
    wait.kill('SIGTERM');
    expect(await wait.exited).toEqual({code: null, signal: 'SIGTERM'});
  });
});

describe('a reader that goes away', () => {
  test.each(['pipe', 'pipe --step'])('%s | head ends quietly', async (line) => {
    const child = spawn(process.execPath, [FIXTURE, ...line.split(' ')], {stdio: ['ignore', 'pipe', 'pipe']});
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await once(child, 'close')).toEqual([141, null]);
    expect(stderr).toBe('');
  });

  test.each(['noop --json', 'read . --json', 'wait --resolve', '--version', 'noop --help'])(
    'nobody reads what %s prints',
    async (line) => {
      const child = spawn(process.execPath, [FIXTURE, ...line.split(' ')], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout.destroy();
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      expect(await once(child, 'close')).toEqual([141, null]);
      expect(stderr).toBe('');
    },
  );

  test('what cannot be told on stderr is dropped', async () => {
    const child = spawn(process.execPath, [FIXTURE, 'events'], {stdio: ['ignore', 'pipe', 'pipe']});
    child.stderr.destroy();
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(stdout).toBe('printed\n');
  });

  test.each([['--version'], ['--help'], ['noop', '--json'], ['events']])(
    'a full disk behind %s does not go unnoticed',
    (...argv) => {
      const full = openSync('/dev/full', 'w');
      try {
        const stdio = ['ignore', full, 'pipe'] as const;
        const {status, stderr} = spawnSync(process.execPath, [FIXTURE, ...argv], {
          stdio: [...stdio],
          encoding: 'utf8',
        });
        expect(status).toBe(1);
        expect(stderr).toContain('error: no space left on the device\n');
      } finally {
        closeSync(full);
      }
    },
  );
});

/** The files that a command loads as modules, by what Node says about its loader. */
async function modulesOf(bin: string, argv: string[]): Promise<string[]> {
  const {stderr} = await runBin(bin, argv, {env: {NODE_DEBUG: 'esm'}});
  const urls = stderr.match(/file:\/\/[^\s'"]+?\.(?:m|c)?js\b/g) ?? [];
  return [...new Set(urls)].map((url) => url.slice(url.lastIndexOf('/') + 1)).sort();
}

describe('the start-up budget', () => {
  test('--version loads the bin and main.js', async () => {
    expect(await modulesOf(FIXTURE, ['--version'])).toEqual(['fixture.js', 'main.js', 'version.cjs']);
  });
  test('a step loads its table, its class and one bundle beside them', async () => {
    expect(await modulesOf(FIXTURE, ['noop'])).toEqual([
      'bundle.js',
      'commands.js',
      'fixture.js',
      'main.js',
      'noop.js',
    ]);
  });
  test('help is in a bundle of its own', async () => {
    expect(await modulesOf(FIXTURE, ['noop', '--help'])).toContain('bundle-help.js');
  });
  test('the bundle stays small, and nothing in it is asked for that was left out', async () => {
    const dist = join(packageRoot(import.meta.url), 'dist');
    expect(readFileSync(join(dist, 'bundle.js')).length).toBeLessThan(160_000);
    await using directory = await testdir({'a.txt': ''});
    for (const line of [
      'fail error',
      'echo',
      'echo a --nope',
      'echo a --port 70000',
      'fail nope',
      'echo a --port',
    ]) {
      const {stderr} = await run(line, {cwd: directory.path, env: {KEELSON_DEBUG: '1'}});
      expect(stderr).not.toContain('left out of this bundle');
    }
  });
  test('the notices of what is in the bundles lie beside them', () => {
    const notices = readFileSync(join(packageRoot(import.meta.url), 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['@oclif/core', 'ejs', 'wrap-ansi', 'ansis']) expect(notices).toContain(`\n${name} `);
    expect(notices).not.toContain('undefined');
  });
});
