import {cp, mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {removeTree} from '@keelson/atomic-fs';
import {run, type Output} from '@keelson/spawn';
import type {DemoOptions} from './demo.ts';
import type {RunningServer} from './running-server.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** The umbrella command of this checkout. */
export const keelsonBin = join(repository, 'tools/keelson/bin/keelson.js');

/** Where the demo plays: a folder of its own with the app's work tree, the archives and the server's root. */
export interface Stage extends AsyncDisposable {
  readonly folder: string;
  readonly app: string;
  readonly root: string;
  readonly signal: AbortSignal | undefined;
  readonly keep: boolean;
  server: RunningServer | undefined;
  appUrl: string;
  /** Says what was done or seen to be true. */
  found(fact: string): void;
  line(text: string): void;
  command(argv: readonly string[]): void;
  /** Runs `keelson …` as a person would, shows the command and what it prints (`silent`: stderr alone). Exit codes other than 0 must be named. */
  keelson(
    args: readonly string[],
    how?: {readonly accept?: readonly number[]; readonly silent?: boolean},
  ): Promise<Output>;
  archive(version: string): string;
  /** What disposing stops and removes otherwise is left for the user, who is told how to end it. */
  leaveServing(): void;
}

export async function openStage({signal, onEvent, keep = false}: DemoOptions): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-demo-'));
  let leave = false;
  const stage: Stage = {
    folder,
    app: join(folder, 'guestbook'),
    root: join(folder, 'srv'),
    signal,
    keep,
    server: undefined,
    appUrl: '',
    found: (fact) => onEvent?.({type: 'demo:found', fact}),
    line: (line) => onEvent?.({type: 'demo:line-came', line}),
    command: (argv) => onEvent?.({type: 'demo:command-ran', command: readable(argv.join(' '), folder)}),
    async keelson(args, {accept, silent = false} = {}) {
      stage.command(['keelson', ...args]);
      return run(
        {command: process.execPath, args: [keelsonBin, ...args], cwd: stage.app},
        {
          signal,
          accept,
          onEvent: ({stream, line}) =>
            silent && stream === 'out' ? undefined : stage.line(readable(line, folder)),
        },
      );
    },
    archive: (version) => join(folder, `guestbook-${version}.tgz`),
    leaveServing() {
      leave = true;
      stage.found(
        `${stage.appUrl} goes on serving; end it with: kill ${stage.server?.pid}; chmod -R u+w ${folder}; rm -r ${folder}`,
      );
    },
    async [Symbol.asyncDispose]() {
      if (leave) return;
      await stage.server?.stop();
      await removeTree(folder);
    },
  };
  try {
    await cp(join(repository, 'examples/guestbook'), stage.app, {
      recursive: true,
      filter: (path) => !/\/(node_modules|dist|data)(\/|$)/.test(path.slice(repository.length)),
    });
    return stage;
  } catch (error) {
    await removeTree(folder);
    throw error;
  }
}

/** The demo's folder is as long as it is uninteresting. */
function readable(text: string, folder: string): string {
  return text.replaceAll(folder, '…');
}
