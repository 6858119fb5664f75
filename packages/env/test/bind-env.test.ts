import {readFile, stat, symlink} from 'node:fs/promises';

import {describe, expect, test} from '@jest/globals';
import {
  bindEnv,
  ENV_TYPES,
  layEnv,
  parseEnv,
  readEnvFile,
  readEnvFiles,
  redactEnv,
  writeBoundEnv,
  type EnvType,
} from '@keelson/env';
import {expectFault, testdir} from '@keelson/test-kit';

describe('bindEnv', () => {
  const layers = [
    {name: 'process', values: {A: '1', PATH: '/bin', GONE: undefined}},
    {name: '.env', values: {B: '2', A: 'one'}},
    {name: 'prod.env', values: {B: '', C: '3'}},
  ];

  test('layEnv is the same without a digest', () => {
    const {values, origin, warnings} = bindEnv(layers);
    expect(layEnv(layers)).toEqual({values, origin, warnings});
  });

  test('later layers win; each value knows its layer; sorted', () => {
    const bound = bindEnv(layers);
    expect(bound).toEqual({
      kind: 'bound-env',
      values: {A: 'one', B: '', C: '3', PATH: '/bin'},
      origin: {A: '.env', B: 'prod.env', C: 'prod.env', PATH: 'process'},
      digest: expect.stringMatching(/^sha256-[0-9a-f]{64}$/),
      warnings: [],
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

  const typed = (type: EnvType, value: string) => () =>
    bindEnv([{name: 'x.env', values: {V: value}, lines: {V: 7}}], {required: {V: type}});

  test.each<[EnvType, string[], string[]]>([
    ['string', ['', 'x'], []],
    ['int', ['0', '-12', '+3', '007'], ['', '1.5', 'x', ' 1', '1e3', '0x10', '99999999999999999999']],
    ['number', ['0', '-1.5', '.5', '1e3', '3.'], ['', 'x', '0x10', 'NaN', 'Infinity', '1e999', '1 2', '.']],
    ['bool', ['true', 'FALSE', '1', '0', 'yes', 'No', 'on', 'off'], ['', 'x', '2', 'truee']],
    ['port', ['1', '65535', '5000'], ['', '0', '65536', '80a', '-1', '1.5']],
    ['url', ['https://x', 'postgres://u:p@h:5432/db?x=1'], ['', 'x', '/x', 'localhost:80', 'http://', 'a:b']],
    ['json', ['{}', '1', '"x"', '[1]', 'null'], ['', '{', "{'a': 1}", 'x']],
  ])('type %s', async (type, good, bad) => {
    for (const value of good) expect(typed(type, value)().values).toEqual({V: value});
    for (const value of bad) {
      const {message} = await expectFault(typed(type, value), 'ENV_TYPE');
      expect(message).toMatch(/^x\.env:7: V has to be /);
      expect(message.replace(/ has to be .*/, '')).toBe('x.env:7: V');
    }
  });

  test('every type is tested', () => {
    expect(ENV_TYPES).toEqual(['string', 'int', 'number', 'bool', 'port', 'url', 'json']);
  });

  test('what is missing and what is wrong is told at once, without a value', async () => {
    const fault = await expectFault(
      () =>
        bindEnv([{name: 'p', values: {A: 'secret', B: 'secret'}}], {
          required: {A: 'int', B: 'url', C: 'port'},
        }),
      'ENV_REQUIRED_MISSING',
    );
    expect(fault.message).toBe(
      'required but not set: C\np: A has to be a whole number\np: B has to be a URL with a scheme (https://…)',
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
      lines: {A: 1},
      warnings: [],
    });
    expect((await readEnvFile(dir.at('env.json'))).values).toEqual({A_B: '1'});
  });

  test('missing', async () => {
    await using dir = await testdir({});
    const path = dir.at('missing.env');
    expect((await expectFault(readEnvFile(path), 'ENV_MISSING_FILE')).message).toBe(`${path} does not exist`);
    expect(await readEnvFile(path, {optional: true})).toEqual({
      kind: 'env-layer',
      name: path,
      values: {},
      lines: {},
      warnings: [],
    });
  });

  test.each<[string, string | Buffer, string, string]>([
    ['malformed', 'A=1\nB', 'ENV_SYNTAX', 'x:2: not NAME=value'],
    ['UTF-16', Buffer.from('\uFEFFA=1', 'utf16le'), 'ENV_SYNTAX', 'x:1: not UTF-8 text'],
    ['UTF-16 without a BOM', Buffer.from('A=1', 'utf16le'), 'ENV_SYNTAX', 'x:1: not NAME=value'],
    ['Latin-1', Buffer.from('A=1\nB=é', 'latin1'), 'ENV_SYNTAX', 'x:2: not UTF-8 text'],
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

describe('readEnvFiles', () => {
  test('the default may be absent, also in another directory; a file that is named may not', async () => {
    await using dir = await testdir({'app/.env': 'A=1'});
    expect((await readEnvFiles(undefined, {dir: dir.at('app')}))[0]).toMatchObject({
      name: dir.at('app/.env'),
      values: {A: '1'},
    });
    expect((await readEnvFiles([], {dir: dir.path}))[0]?.values).toEqual({});
    await expectFault(readEnvFiles([dir.at('.env')]), 'ENV_MISSING_FILE');
  });

  test('a link to nowhere is no absent file', async () => {
    await using dir = await testdir({});
    await symlink('gone', dir.at('.env'));
    expect((await expectFault(readEnvFiles(undefined, {dir: dir.path}), 'ENV_MISSING_FILE')).message).toBe(
      `${dir.at('.env')} is a link to a file that does not exist`,
    );
  });
});

describe('writeBoundEnv', () => {
  const bound = bindEnv([{name: 'x', values: {A: 'a b', B: '1\n2'}}]);

  test('a .env file, or the value as JSON; for its owner alone', async () => {
    await using dir = await testdir({'out.env': 'old'});
    await writeBoundEnv(bound, dir.at('out.env'));
    await writeBoundEnv(bound, dir.at('out.json'));
    expect(parseEnv(await readFile(dir.at('out.env'), 'utf8'))).toEqual(bound.values);
    expect(JSON.parse(await readFile(dir.at('out.json'), 'utf8'))).toEqual(bound);
    for (const name of ['out.env', 'out.json']) expect((await stat(dir.at(name))).mode & 0o777).toBe(0o600);
  });

  test('what no .env file can hold leaves the old one', async () => {
    await using dir = await testdir({'out.env': 'old'});
    const wrong = bindEnv([{name: 'x', values: {'A B': '1'}}]);
    await expectFault(writeBoundEnv(wrong, dir.at('out.env')), 'ENV_SYNTAX');
    expect(await readFile(dir.at('out.env'), 'utf8')).toBe('old');
  });
});
