import {execFileSync} from 'node:child_process';
import {readFile, stat} from 'node:fs/promises';

import {describe, expect, test} from '@jest/globals';
import {diffEnv, parseEnv} from '@keelson/env';
import {bin, runBin, testdir, type Tree} from '@keelson/test-kit';

const ENV = bin('env');

async function run(tree: Tree, ...argv: string[]) {
  await using dir = await testdir(tree);
  return await runBin(ENV, argv, {cwd: dir.path});
}

const URL = 'postgres://u:p%40ss@h/db';
const two = {'.env': `PORT=80\nDATABASE_URL=${URL}\n`, 'b.env': 'PORT=81\nTEXT="two\nlines"\n'};

describe('print', () => {
  test('./.env, redacted', async () => {
    expect(await run(two, 'print')).toMatchObject({
      code: 0,
      stdout: 'DATABASE_URL=[redacted]\nPORT=80\n',
      stderr: '',
    });
  });

  test('nothing where there is none', async () => {
    expect(await run({}, 'print')).toMatchObject({code: 0, stdout: '', stderr: ''});
  });

  test.each([[['--env', '.env,b.env']], [['-e', '.env', '-e', 'b.env']]])(
    '%j: later files win',
    async (argv) => {
      const {code, stdout} = await run(two, 'print', ...argv, '--show');
      expect(code).toBe(0);
      expect(parseEnv(stdout)).toEqual({DATABASE_URL: URL, PORT: '81', TEXT: 'two\nlines'});
    },
  );

  test('--json: redacted too, with origins and the digest', async () => {
    const print = async (...argv: string[]) =>
      JSON.parse((await run(two, 'print', '-e', '.env,b.env', '--json', ...argv)).stdout);
    const redacted = await print();
    expect(redacted).toEqual({
      kind: 'bound-env',
      values: {DATABASE_URL: '[redacted]', PORT: '81', TEXT: '[redacted]'},
      origin: {DATABASE_URL: '.env', PORT: 'b.env', TEXT: 'b.env'},
      digest: expect.stringMatching(/^sha256-/),
      warnings: [],
    });
    expect(await print('--show')).toEqual({
      ...redacted,
      values: {DATABASE_URL: URL, PORT: '81', TEXT: 'two\nlines'},
    });
  });

  test('a line that is no assignment is skipped, not without a word; --quiet is without', async () => {
    const tree = {'.env': 'A=1\nsecret\n-foo=secret\nB=2\n'};
    const told = await run(tree, 'print', '--show');
    expect(told).toMatchObject({code: 0, stdout: 'A=1\nB=2\n'});
    expect(told.stderr).toBe(
      'warning: .env:2: not NAME=value: the line is skipped\nwarning: .env:3: not NAME=value: the line is skipped\n',
    );
    expect((await run(tree, 'print', '--show', '-q')).stderr).toBe('');
  });

  test('a value that other tools read differently is warned about once, without the value', async () => {
    const tree = {'.env': 'A=secret#1\nB=secret#2\nC=x # fine\n'};
    const {code, stdout, stderr} = await run(tree, 'print', '--show', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      values: {A: 'secret', B: 'secret', C: 'x'},
      warnings: [{kind: 'dialect', path: '.env', line: 1}],
    });
    expect(stderr).toMatch(
      /^warning: \.env:1: # in the value of A starts a comment, .* \(also in line 2\)\n$/,
    );
    expect(stderr).not.toContain('secret');
  });

  test('--expand: later files, and the environment outside of them', async () => {
    const tree = {
      '.env': 'HOST=local\nURL="http://${HOST}:${PORT:-80}/$OUTSIDE"\nLITERAL=\'$HOST\'\n',
      'b.env': 'HOST=prod\n',
    };
    await using dir = await testdir(tree);
    const argv = ['print', '-e', '.env,b.env', '--expand', '--show'];
    const {stdout} = await runBin(ENV, argv, {cwd: dir.path, env: {OUTSIDE: 'out', PORT: undefined}});
    expect(parseEnv(stdout)).toEqual({HOST: 'prod', URL: 'http://prod:80/out', LITERAL: '$HOST'});
  });

  test.each<[Tree, string[], string]>([
    [
      {'.env': 'A=$B\nB=$A\n'},
      ['--expand'],
      '.env:1: A → .env:2: B → .env:1: A: the values refer to each other',
    ],
    [{'.env': 'A=1\nB=\0\n'}, [], '.env:2: B holds a NUL character'],
    [{'.env/x': ''}, [], '.env is a directory'],
    [two, ['-e', 'missing.env'], 'missing.env does not exist'],
    [{'.env': 'A=1\nB="secret\n'}, [], '.env:2: the quote " that opens here is not closed'],
    [{'.env': '{"a":\nsecret}'}, [], '.env:2: starts with { but is not valid JSON'],
  ])('%j %j fails without a stack trace and without a value', async (tree, argv, message) => {
    const {code, stdout, stderr} = await run(tree, 'print', ...argv);
    expect({code, stdout}).toEqual({code: 1, stdout: ''});
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/secret|\n\s+at /);
  });
});

describe('check', () => {
  test('names what is set', async () => {
    expect(await run(two, 'check', '--require', 'PORT')).toMatchObject({
      code: 0,
      stdout: 'valid env detected (DATABASE_URL, PORT)\n',
    });
  });

  test('names everything that is missing, and where to set it', async () => {
    const {code, stderr} = await run(
      two,
      'check',
      '-e',
      '.env,b.env',
      '--require',
      'A,PORT',
      '--require',
      'B',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('required but not set: A, B\n');
    expect(stderr).toContain('Set them in one of: .env, b.env.');
  });
});

describe('check of an app', () => {
  const manifest = {name: 'app', keelson: {required: {PORT: 'port', URL: 'url'}}};
  const app = {'app/package.json': JSON.stringify(manifest), 'app/.env': 'PORT=80\nURL=https://x\n'};

  test('--app: its own .env has what its package.json asks for', async () => {
    expect(await run(app, 'check', '--app', 'app')).toMatchObject({
      code: 0,
      stdout: 'valid env detected (PORT, URL)\n',
      stderr: '',
    });
  });

  test('a package.json that is none of ours asks for nothing', async () => {
    const tree = {'package.json': '{"private": true}', '.env': 'A=1'};
    expect(await run(tree, 'check')).toMatchObject({code: 0, stdout: 'valid env detected (A)\n'});
    expect((await run(tree, 'check', '--app', '.')).code).toBe(1);
  });

  test('types are told with file and line, without a value', async () => {
    const tree = {...app, 'bad.env': 'A=1\nPORT=secret\n', 'package.json': JSON.stringify(manifest)};
    const {code, stdout, stderr} = await run(tree, 'check', '-e', 'bad.env', '--require', 'A:bool,Z');
    expect({code, stdout}).toEqual({code: 1, stdout: ''});
    expect(stderr).toContain('required but not set: URL, Z\nbad.env:2: PORT has to be a port (1 to 65535)\n');
    expect(stderr).not.toContain('secret');
  });

  test.each<[Tree, string[], number, string]>([
    [{}, ['--app', '.'], 1, 'package.json does not exist'],
    [{'package.json': '{"name":"a","keelson":{"required":{"A":"prot"}}}'}, [], 1, 'keelson.required.A'],
    [{}, ['--require', 'A:prot'], 2, 'is not NAME or NAME:TYPE'],
    [{'.env': 'A=1\nB'}, [], 1, '.env:2: not NAME=value'],
  ])('%j %j', async (tree, argv, code, message) => {
    const result = await run(tree, 'check', ...argv);
    expect(result).toMatchObject({code, stdout: ''});
    expect(result.stderr).toContain(message);
  });
});

describe('bind', () => {
  test('writes one configuration for its owner, and prints no value', async () => {
    await using dir = await testdir(two);
    const argv = ['bind', '-e', '.env', '-e', 'b.env', '--require', 'PORT:port', '-o'];
    const {code, stdout, stderr} = await runBin(ENV, [...argv, 'bound.env'], {cwd: dir.path});
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(stdout).toMatch(/^3 values in bound\.env \(sha256-[0-9a-f]{64}\)\n$/);
    expect(parseEnv(await readFile(dir.at('bound.env'), 'utf8'))).toEqual({
      DATABASE_URL: URL,
      PORT: '81',
      TEXT: 'two\nlines',
    });
    expect((await stat(dir.at('bound.env'))).mode & 0o777).toBe(0o600);
    const json = await runBin(ENV, [...argv, 'bound.json', '--json'], {cwd: dir.path});
    expect(JSON.parse(json.stdout).values.DATABASE_URL).toBe('[redacted]');
    expect(JSON.parse(await readFile(dir.at('bound.json'), 'utf8'))).toMatchObject({
      kind: 'bound-env',
      values: {DATABASE_URL: URL},
      origin: {PORT: 'b.env'},
    });
  });

  test('prints it, values only with --show', async () => {
    expect((await run(two, 'bind')).stdout).toBe('DATABASE_URL=[redacted]\nPORT=80\n');
    expect((await run(two, 'bind', '--show')).stdout).toBe(`DATABASE_URL=${URL}\nPORT=80\n`);
  });

  test.each<[Tree, string[], string]>([
    [two, ['--require', 'NOPE', '-o', 'out'], 'required but not set: NOPE'],
    [{'.env': 'A=1\nB'}, ['-o', 'out'], '.env:2: not NAME=value'],
    [two, ['-o', 'no/such/dir'], 'no/such'],
  ])('%j %j writes nothing', async (tree, argv, message) => {
    await using dir = await testdir(tree);
    const {code, stderr} = await runBin(ENV, ['bind', ...argv], {cwd: dir.path});
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    await expect(stat(dir.at('out'))).rejects.toMatchObject({code: 'ENOENT'});
  });
});

describe('keelson-env check ARCHIVE --config A --config B', () => {
  const files: Tree = {
    'app/package.json': JSON.stringify({
      name: 'shop',
      version: '1.2.0',
      keelson: {required: {DATABASE_URL: 'url', DB_PORT: 'port', SECRET: 'string'}},
    }),
    'app/node_modules/dep/package.json': '{"name": "dep"}',
    'app/node_modules/long/package.json': 'x'.repeat(5000),
    'staging.env': 'SECRET=x\nDB_PORT=hunter2\n',
    'production.env': 'SECRET=x\nDB_PORT=1\nDATABASE_URL=secret:credential:db\n',
  };

  test('names what each environment lacks, and fails', async () => {
    await using dir = await testdir(files);
    execFileSync('tar', ['czf', dir.at('shop.tgz'), '-C', dir.path, '--transform', 's/^app/package/', 'app']);
    const check = (...argv: string[]) => runBin(ENV, ['check', ...argv], {cwd: dir.path});
    for (const archive of ['./shop.tgz', './app']) {
      const both = await check(archive, '--config', 'staging.env', '--config', 'production.env');
      expect(both).toMatchObject({
        code: 1,
        stdout:
          'staging.env: missing DATABASE_URL; DB_PORT has to be a port (1 to 65535)\nproduction.env: complete\n',
      });
    }
    const one = await check('./shop.tgz', '--config', 'production.env', '--json');
    expect(one.code).toBe(0);
    expect(JSON.parse(one.stdout)).toEqual({
      kind: 'environments-check',
      complete: true,
      environments: [{name: 'production.env', missing: [], wrong: []}],
    });
  });

  test.each([
    [['./none.tgz', '--config', 'staging.env'], 1, 'there is no ./none.tgz'],
    [['./staging.env', '--config', 'staging.env'], 1, 'no archive that can be read'],
    [['chek', '--config', 'staging.env'], 2, '"chek" is no archive'],
    [['./app', '--config', 'none.env'], 1, 'none.env does not exist'],
    [['./app', '--config', 'staging.env', '--env', 'production.env'], 2, '--env'],
  ])('%j is refused', async (argv, code, message) => {
    await using dir = await testdir(files);
    const result = await runBin(ENV, ['check', ...argv], {cwd: dir.path});
    expect(result).toMatchObject({code, stdout: ''});
    expect(result.stderr).toContain(message);
  });
});

test('diffEnv tells names, and no value', () => {
  expect(diffEnv({A: '1', B: '2', C: '3'}, {D: '4', C: '5', A: '1'})).toEqual({
    kind: 'env-difference',
    added: ['D'],
    removed: ['B'],
    changed: ['C'],
  });
});
