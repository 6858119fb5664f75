import {networkInterfaces} from 'node:os';
import {join} from 'node:path';

import {bin, launchBin, packageRoot, processesWith, runBin, testdir, until} from '@keelson/test-kit';
import type {BinOptions, BinResult, LaunchedBin, TestDirectory, Tree} from '@keelson/test-kit';

export const FOREMAN = bin('foreman', 'keelson-foreman');
export const NF = bin('foreman', 'nf');

/** Containers are often without IPv6. */
export const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1');

/** A program of test/fixtures, as words for a Procfile. */
export const fixture = (name: string): string =>
  `'${process.execPath}' '${join(packageRoot(import.meta.url), 'test/fixtures', name)}'`;

/** An app in a directory, and words that only its processes have on their command line. */
export interface App extends AsyncDisposable {
  readonly dir: TestDirectory;
  /** As `sleep ${mark}`: a number of seconds that nobody else sleeps. */
  readonly mark: string;
  start(argv?: readonly string[], options?: BinOptions): LaunchedBin;
  run(argv: readonly string[], options?: BinOptions): Promise<BinResult>;
  /** Resolves when none of the processes is left. */
  nobodyLeft(): Promise<void>;
}

let marks = 0;

export async function app(files: (mark: string) => Tree): Promise<App> {
  const mark = `${1000 + process.pid}.${Date.now()}${marks++}`;
  const dir = await testdir(files(mark));
  return {
    dir,
    mark,
    start: (argv = [], options = {}) => launchBin(FOREMAN, ['start', ...argv], {cwd: dir.path, ...options}),
    run: (argv, options = {}) => runBin(FOREMAN, argv, {cwd: dir.path, ...options}),
    nobodyLeft: () => until(() => processesWith(mark).length === 0, {what: 'the end of all processes'}),
    async [Symbol.asyncDispose]() {
      for (const pid of processesWith(mark)) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // it has ended meanwhile
        }
      }
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** Lines of stdout without time and padding: `a.1 | text`. */
export function linesOf(stdout: string): string[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^\d\d:\d\d:\d\d (\S+) +([|!]) /, '$1 $2 '));
}
