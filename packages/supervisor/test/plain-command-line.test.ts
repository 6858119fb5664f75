import {createRequire} from 'node:module';
import {describe, expect, test} from '@jest/globals';
import {bin, packageRoot, runBin} from '@keelson/test-kit';
import Run from '../dist/cli.js';
import {type PlainCommandLine} from '../dist/plain-command-line.js';

/** Made by bundle.js, as `npm run setup` does. */
const {readRunFlags} = createRequire(import.meta.url)(`${packageRoot(import.meta.url)}/dist/run.cjs`) as {
  readonly readRunFlags: (argv: readonly string[]) => PlainCommandLine | undefined;
};

describe('the flags of keelson-run without the parser of the commands', () => {
  test.each([
    [['--workers', '2', '--', 'node', 'a.js', '--port', '1'], {workers: 2}, ['node', 'a.js', '--port', '1']],
    [['-w', 'auto', '-p', '80', 'node', '-w'], {workers: 'auto', port: 80}, ['node', '-w']],
    [['--grace=5', '--notice', '1.5s', '-q'], {grace: 5, notice: 1500, quiet: true}, []],
    [
      ['--health-on', '[::]:81', '--max-memory', '1K'],
      {'health-on': {host: '::', port: 81}, 'max-memory': 1024},
      [],
    ],
    [['--health-on', './h.sock'], {'health-on': {path: './h.sock'}}, []],
    [['--env', 'a,b', '-e', 'c', '--to', 'file:x?a,b'], {env: ['a', 'b', 'c'], to: ['file:x?a,b']}, []],
    [[], {workers: 1, notice: 0, host: '127.0.0.1', health: undefined, 'start-limit': 10}, []],
  ])('%j', (argv, flags, words) => {
    expect(readRunFlags(argv)).toMatchObject({flags, words});
  });

  test.each([
    ['--help'],
    ['--json'],
    ['--worker', '2'],
    ['--workers', '0'],
    ['--workers'],
    ['--grace', '-1'],
    ['--port', '65536'],
    ['--port', '1', '--port', '2'],
    ['--quiet=1'],
    ['--notice', '10 s'],
    ['--host', ''],
    ['--env', 'a,,b'],
    ['-qw', '2'],
  ])('the parser is asked about %j %s', (...argv) => {
    expect(readRunFlags(argv)).toBeUndefined();
  });

  test('know every flag that the command has', () => {
    const plain = Object.keys(readRunFlags([])!.flags);
    const all = Object.keys({...Run.baseFlags, ...Run.flags});
    expect(plain.sort()).toEqual(all.sort());
  });

  test('what is wrong is told by the parser, with exit 2', async () => {
    const run = bin('supervisor', 'keelson-run');
    expect(await runBin(run, ['--workers', 'many', '--', 'node', 'a.js'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--workers: it is a number'),
    });
    expect(await runBin(run, ['--heartbeat', '0', '--', 'node', 'x'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--heartbeat is at least 100ms'),
    });
    expect(await runBin(run, ['--health', '/x', '--health-path', '/x'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('are one path'),
    });
  });
});
