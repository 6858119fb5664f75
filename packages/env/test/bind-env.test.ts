import {describe, expect, test} from '@jest/globals';
import {bindEnv, readEnvFile, redactEnv} from '@keelson/env';
import {expectFault, testdir} from '@keelson/test-kit';

describe('bindEnv', () => {
  const layers = [
    {name: 'process', values: {A: '1', PATH: '/bin', GONE: undefined}},
    {name: '.env', values: {B: '2', A: 'one'}},
    {name: 'prod.env', values: {B: '', C: '3'}},
  ];

  test('later layers win; each value knows its layer; sorted', () => {
    const bound = bindEnv(layers);
    expect(bound).toEqual({
      kind: 'bound-env',
      values: {A: 'one', B: '', C: '3', PATH: '/bin'},
      origin: {A: '.env', B: 'prod.env', C: 'prod.env', PATH: 'process'},
      digest: expect.stringMatching(/^sha256-[0-9a-f]{64}$/),
    });
    expect(Object.keys(bound.values)).toEqual(['A', 'B', 'C', 'PATH']);
  });

  test('the digest is of the pairs alone', () => {
    const digest = (...values: Record<string, string>[]) =>
      bindEnv(values.map((one, index) => ({name: `${index}`, values: one}))).digest;
    expect(digest({A: '1', B: '2'})).toBe(digest({B: '2'}, {A: '0'}, {A: '1'}));
    expect(
      new Set([digest({A: '1,B'}), digest({A: '1', B: ''}), digest({A: '1'}), digest({}), digest({A1: ''})])
        .size,
    ).toBe(5);
    expect(digest({})).toBe('sha256-4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945');
  });

  test('required keys: empty is set; all that are missing are named at once with where to set them', async () => {
    expect(bindEnv(layers, {required: ['A', 'B']}).values['A']).toBe('one');
    const fault = await expectFault(
      () => bindEnv(layers, {required: ['Y', 'A', 'GONE', 'Y', 'constructor']}),
      'ENV_REQUIRED_MISSING',
    );
    expect(fault.message).toBe('required but not set: Y, GONE, constructor');
    expect(fault.hint).toBe('Set them in one of: process, .env, prod.env.');
    expect((await expectFault(() => bindEnv([], {required: ['A']}), 'ENV_REQUIRED_MISSING')).hint).toContain(
      'name an env file',
    );
  });

  test('redactEnv leaves names, origins, digest and harmless values', () => {
    const bound = bindEnv([
      {name: 'x', values: {DATABASE_URL: 'postgres://u:p@h', PORT: '80', TOKEN: '', ODD_NAME: 's'}},
    ]);
    expect(redactEnv(bound)).toEqual({
      ...bound,
      values: {DATABASE_URL: '[redacted]', ODD_NAME: '[redacted]', PORT: '80', TOKEN: ''},
    });
    expect(bound.values['ODD_NAME']).toBe('s');
  });
});

describe('readEnvFile', () => {
  test('a layer named by its path', async () => {
    await using dir = await testdir({'.env': '\uFEFFA=1\r\n', 'env.json': '{"a":{"b":1}}'});
    expect(await readEnvFile(dir.at('.env'))).toEqual({
      kind: 'env-layer',
      name: dir.at('.env'),
      values: {A: '1'},
    });
    expect((await readEnvFile(dir.at('env.json'))).values).toEqual({A_B: '1'});
  });

  test('missing', async () => {
    await using dir = await testdir({});
    const path = dir.at('missing.env');
    expect((await expectFault(readEnvFile(path), 'ENV_MISSING_FILE')).message).toBe(`${path} does not exist`);
    expect(await readEnvFile(path, {optional: true})).toEqual({kind: 'env-layer', name: path, values: {}});
  });

  test.each<[string, string | Buffer, string, string]>([
    ['malformed', 'A=1\nB', 'ENV_SYNTAX', 'x:2: not NAME=value'],
    ['not UTF-8', Buffer.from('\uFEFFA=1', 'utf16le'), 'ENV_SYNTAX', 'x is not UTF-8 text'],
    ['far too large', '#'.repeat(1024 * 1024 + 1), 'ENV_SYNTAX', 'x is larger than'],
  ])('%s, optional or not', async (_title, content, code, message) => {
    await using dir = await testdir({x: content});
    expect((await expectFault(readEnvFile(dir.at('x'), {optional: true}), code)).message).toContain(message);
  });

  test('a directory', async () => {
    await using dir = await testdir({});
    expect(
      (await expectFault(readEnvFile(dir.path, {optional: true}), 'ENV_MISSING_FILE')).message,
    ).toContain('is a directory');
  });

  test('an aborted signal rejects with its reason', async () => {
    const reason = {};
    await expect(readEnvFile('.env', {signal: AbortSignal.abort(reason)})).rejects.toBe(reason);
  });
});
