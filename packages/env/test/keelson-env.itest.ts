import {describe, expect, test} from '@jest/globals';
import {parseEnv} from '@keelson/env';
import {bin, runBin, testdir, type Tree} from '@keelson/test-kit';

const ENV = bin('env');

async function run(tree: Tree, ...argv: string[]) {
  await using dir = await testdir(tree);
  return await runBin(ENV, argv, {cwd: dir.path});
}

const URL = 'postgres://u:p%40ss@h/db';
const two = {'.env': `PORT=80\nDATABASE_URL=${URL}\n`, 'b.env': 'PORT=81\nTEXT="two\\nlines"\n'};

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
    });
    expect(await print('--show')).toEqual({
      ...redacted,
      values: {DATABASE_URL: URL, PORT: '81', TEXT: 'two\nlines'},
    });
  });

  test.each<[Tree, string[], string]>([
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
