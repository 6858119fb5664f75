import {describe, expect, test} from '@jest/globals';
import {CliFault, redactUrls, toOptions, UsageError} from '@keelson/cli-kit';
import {faultOf} from '@keelson/test-kit';
import fc from 'fast-check';
import {Readable} from 'node:stream';

import {failureOf, failureValue} from '../dist/failure.js';
import {nearest} from '../dist/nearest.js';
import {readJsonInput} from '../dist/read-json-input.js';
import {endOfOwnFlags, separateProgram} from '../dist/run-like.js';
import {systemErrorIn, systemSentence} from '../dist/system-error.js';

describe('nearest', () => {
  const words = ['build', 'publish', 'receive', 'rollback', 'releases', 'deploy', 'env'];
  test.each([
    ['biuld', 'build'],
    ['BUILD', 'build'],
    ['rolback', 'rollback'],
    ['relases', 'releases'],
    ['pub', 'publish'],
    ['enb', 'env'],
    ['depoly', 'deploy'],
    ['x', undefined],
    ['frobnicate', undefined],
    ['', undefined],
  ])('%s → %s', (typed, meant) => {
    expect(nearest(typed, words)).toBe(meant);
  });

  test('one edit in a word of four letters or more is always found', () => {
    const word = fc.stringMatching(/^[a-z]{4,12}$/);
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom('', 'é'), (name, at, put) => {
        const index = at % name.length;
        expect(nearest(name.slice(0, index) + put + name.slice(index + 1), [name])).toBe(name);
      }),
    );
  });
});

describe('redactUrls', () => {
  test.each([
    ['https://user:secret@host/p', 'https://***@host/p'],
    ['https://ghp_token@github.com/a/b.git', 'https://***@github.com/a/b.git'],
    ['https://user:p@ss@host', 'https://***@host'],
    ['git+https://u:p@h/x#main and ssh://git@h/y', 'git+https://***@h/x#main and ssh://git@h/y'],
    ['ssh://git:secret@h/y', 'ssh://***@h/y'],
    ['git@host:path', 'git@host:path'],
    ['https://host/path@2.0.0', 'https://host/path@2.0.0'],
    ['https://host/?access_token=abc&b=1', 'https://host/?access_token=***&b=1'],
    ['https://s3/x?X-Amz-Signature=abc', 'https://s3/x?X-Amz-Signature=***'],
    ['https://host/?monkey=1&keys=2', 'https://host/?monkey=1&keys=2'],
    ['"postgres://u:p@h/db"', '"postgres://***@h/db"'],
    ['no URL: a@b', 'no URL: a@b'],
  ])('%s → %s', (text, redacted) => {
    expect(redactUrls(text)).toBe(redacted);
  });

  test('no password is left, whatever it is made of', () => {
    const part = fc.stringMatching(/^[\w!$%&'()*+,;=:@.~-]{8,20}$/).filter((text) => !/['"<>]/.test(text));
    fc.assert(
      fc.property(part, (password) => {
        expect(redactUrls(`cannot reach https://me:${password}@host.example/x`)).toBe(
          'cannot reach https://***@host.example/x',
        );
      }),
    );
  });
});

describe('toOptions', () => {
  interface Options {
    readonly dryRun?: boolean | undefined;
    readonly out?: string | undefined;
    readonly keep?: number | undefined;
  }
  test('names become camel case, what was not given and the flags of every command are left out', () => {
    const flags = {'dry-run': true, out: undefined, json: true, quiet: false} as const;
    const options: Options = toOptions(flags, {keep: 3});
    expect(options).toEqual({dryRun: true, keep: 3});
    expect('out' in options).toBe(false);
  });
  test('the rest wins, and its undefined is left out too', () => {
    const options: Options = toOptions({out: 'a'}, {out: 'b', keep: undefined});
    expect(options).toEqual({out: 'b'});
    expect('keep' in options).toBe(false);
  });
});

describe('run-like commands', () => {
  const flags = {
    tag: {type: 'option', char: 't', aliases: ['name']},
    quiet: {type: 'boolean', char: 'q'},
    env: {type: 'option', char: 'e'},
  } as const;
  test.each([
    ['node app.js --port 3', '-- node app.js --port 3'],
    ['-t x node -e 1', '-t x -- node -e 1'],
    ['--tag x node', '--tag x -- node'],
    ['--tag=x node', '--tag=x -- node'],
    ['--name x node', '--name x -- node'],
    ['-tx node', '-tx -- node'],
    ['-qt x node', '-qt x -- node'],
    ['-qtx node', '-qtx -- node'],
    ['-q node -q', '-q -- node -q'],
    ['--unknown node', '--unknown -- node'],
    ['-t x -- -t y', '-t x -- -t y'],
    ['-t x', '-t x'],
    ['-t', '-t'],
    ['- x', '-- - x'],
    ['', ''],
  ])('%s → %s', (given, separated) => {
    const split = (text: string) => text.split(' ').filter((word) => word !== '');
    expect(separateProgram(split(given), flags as never).join(' ')).toBe(separated);
  });

  test('whatever the program is given stays as it is', () => {
    const word = fc.string({minLength: 1, maxLength: 6});
    fc.assert(
      fc.property(fc.array(word), (rest) => {
        const argv = ['--tag', 'x', 'node', ...rest];
        expect(endOfOwnFlags(argv, flags as never)).toBe(2);
        expect(separateProgram(argv, flags as never)).toEqual(['--tag', 'x', '--', 'node', ...rest]);
      }),
    );
  });
});

function systemError(code: string, facts: object = {}): Error {
  return Object.assign(new Error(`${code}: raw`), {code, errno: -1, syscall: 'open', ...facts});
}

describe('system errors', () => {
  test.each([
    [systemError('ENOENT', {path: '/a'}), 'no such file or directory: /a', false],
    [
      systemError('ENOENT', {syscall: 'rename', path: '/a', dest: '/b'}),
      'no such file or directory: /a → /b',
      false,
    ],
    [systemError('ENOENT', {syscall: 'spawn git', path: 'git'}), 'program not found: git', false],
    [systemError('ENOENT', {syscall: 'uv_cwd'}), 'the current directory no longer exists', false],
    [systemError('EACCES', {path: '/a'}), 'permission denied: /a', false],
    [systemError('EPERM', {path: '/a'}), 'permission denied: /a', false],
    [
      systemError('EACCES', {syscall: 'listen', address: '0.0.0.0', port: 80}),
      'not allowed to listen on 0.0.0.0:80',
      false,
    ],
    [
      systemError('EADDRINUSE', {syscall: 'listen', address: '127.0.0.1', port: 8080}),
      '127.0.0.1:8080 is already in use',
      false,
    ],
    [systemError('ENOSPC', {syscall: 'write'}), 'no space left on the device', false],
    [systemError('EMFILE'), 'too many open files', true],
    [
      systemError('ECONNREFUSED', {syscall: 'connect', address: '::1', port: 1}),
      'connection refused: ::1:1',
      true,
    ],
    [
      systemError('EAI_AGAIN', {syscall: 'getaddrinfo', hostname: 'x.y'}),
      'the name server does not answer: x.y',
      true,
    ],
    [systemError('EEXIST', {path: '/a'}), 'exists already: /a', false],
  ])('%s', (error, message, temporary) => {
    const failure = failureOf(error, {command: 'x', flags: []});
    expect(failure).toMatchObject({message, temporary, exitCode: temporary ? 75 : 1});
  });

  test('what fetch and the trial of several addresses failed for', () => {
    const refused = systemError('ECONNREFUSED', {syscall: 'connect', address: '::1', port: 1});
    const tried = Object.assign(new Error(''), {code: 'ECONNREFUSED', errors: [refused]});
    expect(systemErrorIn(new TypeError('fetch failed', {cause: tried}))).toBe(refused);
    expect(systemErrorIn(new TypeError('else', {cause: refused}))).toBeUndefined();
  });

  test('a code that no user causes is none of them', () => {
    expect(systemSentence(systemError('EFAULT') as never)).toBeUndefined();
    expect(systemErrorIn(Object.assign(new Error('x'), {code: 'ERR_INVALID_ARG_TYPE'}))).toBeUndefined();
  });
});

describe('failureOf', () => {
  const scene = {command: 'keelson build', flags: ['out', 'dry-run', 'json']};
  const nonexistent = (flags: string[]) =>
    Object.assign(new Error(`Nonexistent flag: ${flags.join(', ')}\nSee more help with --help`), {
      flags,
      oclif: {exit: 2},
    });
  test.each([
    [
      'a fault',
      new CliFault('INPUT_MISSING', 'gone', {hint: 'do'}),
      {exitCode: 1, code: 'INPUT_MISSING', message: 'gone', hint: 'do'},
    ],
    [
      'a temporary fault',
      new CliFault('STOPPED', 'busy', {temporary: true}),
      {exitCode: 75, temporary: true},
    ],
    [
      'a usage error',
      new UsageError('wrong', 'right'),
      {exitCode: 2, code: 'USAGE', message: 'wrong', hint: 'right'},
    ],
    [
      'a usage error without a hint',
      new UsageError('wrong'),
      {hint: 'keelson build --help shows how it is used'},
    ],
    [
      'an unknown flag',
      nonexistent(['--ouut=a']),
      {
        exitCode: 2,
        message: 'there is no flag --ouut',
        hint: 'did you mean --out? keelson build --help shows the flags there are',
      },
    ],
    ['an unknown letter', nonexistent(['-x']), {hint: 'keelson build --help shows the flags there are'}],
    [
      'a bug',
      new TypeError('x is not a function'),
      {exitCode: 1, code: 'INTERNAL', message: 'internal error: x is not a function'},
    ],
    ['a thrown string', 'words', {exitCode: 1, code: 'INTERNAL', message: 'internal error: words'}],
    ['nothing at all', undefined, {exitCode: 1, code: 'INTERNAL'}],
    [
      'this.exit(5)',
      Object.assign(new Error('EEXIT: 5'), {code: 'EEXIT', oclif: {exit: 5}}),
      {exitCode: 5, message: ''},
    ],
    [
      'this.error',
      Object.assign(new Error('no'), {oclif: {exit: 7}}),
      {exitCode: 7, code: 'FAILED', message: 'no'},
    ],
  ])('%s', (_, error, expected) => {
    expect(failureOf(error, scene)).toMatchObject(expected);
  });

  test('a fault of a flag that cannot be read is a wrong command line, and keeps its code', () => {
    const fault = new CliFault('INPUT_NOT_JSON', 'three is no number');
    fault.message = `Parsing --formation \n\t${fault.message}\nSee more help with --help`;
    expect(failureOf(fault, scene)).toMatchObject({
      exitCode: 2,
      code: 'INPUT_NOT_JSON',
      message: '--formation: three is no number',
    });
  });

  test('as a value, without credentials', () => {
    const failure = failureOf(
      new CliFault('INPUT_MISSING', 'no https://a:b@h', {hint: 'see https://c:d@h'}),
      scene,
    );
    expect(failureValue(failure)).toEqual({
      error: {
        code: 'INPUT_MISSING',
        message: 'no https://***@h',
        hint: 'see https://***@h',
        temporary: false,
      },
    });
  });
});

describe('readJsonInput', () => {
  const signal = new AbortController().signal;
  const from = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

  test('a value, however it is cut', async () => {
    expect(await readJsonInput(from('{"kind":', '"é', '"}'), signal)).toEqual({kind: 'é'});
  });
  test.each([
    ['nothing', from('  \n'), 'INPUT_MISSING'],
    ['a terminal', Object.assign(from('1'), {isTTY: true}), 'INPUT_MISSING'],
    ['no JSON', from('hello'), 'INPUT_NOT_JSON'],
    ['the error of the step before', from('{"error":{"code":"X","message":"no disk"}}'), 'INPUT_FAILED'],
  ])('%s', async (_, input, code) => {
    expect((await faultOf(readJsonInput(input, signal))).code).toBe(code);
  });
  test('stops with the reason of the signal', async () => {
    const controller = new AbortController();
    const endless = new Readable({read() {}});
    const reading = readJsonInput(endless, controller.signal);
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});
