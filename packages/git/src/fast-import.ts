import {once} from 'node:events';
import {readlinkSync} from 'node:fs';
import {join} from 'node:path';
import {launch, type Child} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';
import {GitFault} from './fault.ts';
import {NEUTRAL, ownEnvironment} from './git-environment.ts';
import type {LocalEntry} from './list-tree.ts';
import {readPieces} from './read-pieces.ts';
import {missingGit, reasonOf} from './run-git.ts';

export interface Import {
  readonly gitDir: string;
  /** Full name of the ref that is set. */
  readonly ref: string;
  /** Hashes. */
  readonly parents: readonly string[];
  readonly message: string;
  /** `Name <mail> seconds +0000` */
  readonly author: string;
}

const MODES = {'644': '100644', '755': '100755', link: '120000'} as const;
const CHUNK = 256 * 1024;

// One process and one pack instead of a loose object per file. Measured on 3 014 files, 105 MB, against hash-object + update-index +
// write-tree + commit-tree: 0.4-0.6x the time, and a push of the result takes 0.16x. No deltas: they cost more than they save once.
const CONFIG = ['core.compression=1', 'pack.compression=1', 'fastimport.unpackLimit=0'];
const ARGUMENTS = ['--quiet', '--force', '--done', '--depth=0', '--date-format=raw'];

/** Commits files through `git fast-import`; contents go in as they are. */
export async function fastImport(
  root: string,
  {entries, ...commit}: Import & {readonly entries: Iterable<LocalEntry>},
  options: StepOptions = {},
): Promise<void> {
  await using git = await launch(
    {
      command: 'git',
      args: [...NEUTRAL, ...CONFIG.flatMap((one) => ['-c', one]), 'fast-import', ...ARGUMENTS],
      env: ownEnvironment(commit.gitDir),
      stdin: 'pipe',
    },
    {signal: options.signal},
  ).catch((error: unknown) => {
    throw missingGit(error) ?? error;
  });
  const stderr = collect(git);
  git.stdout.resume();
  try {
    await feed(git, statements(root, commit, entries), options.signal);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isBrokenPipe(error)) throw error; // else git ended early and says why
  }
  const exit = await git.exited;
  options.signal?.throwIfAborted();
  if (exit.code !== 0) throw new GitFault('GIT_FAILED', `cannot commit ${root}: ${reasonOf(await stderr)}`);
}

async function feed(git: Child, pieces: Iterable<Buffer>, signal: AbortSignal | undefined): Promise<void> {
  const stdin = git.stdin!;
  let broken: unknown;
  stdin.on('error', (error) => (broken = error));
  for (const piece of batched(pieces)) {
    signal?.throwIfAborted();
    if (broken !== undefined) throw broken;
    if (!stdin.write(piece)) await Promise.race([once(stdin, 'drain'), git.exited]);
  }
  stdin.end();
}

function* statements(root: string, commit: Import, entries: Iterable<LocalEntry>): Generator<Buffer> {
  const message = Buffer.from(commit.message);
  yield Buffer.from(`commit ${commit.ref}\ncommitter ${commit.author}\ndata ${message.length}\n`);
  yield message;
  const parents = commit.parents.map((parent, index) => `${index === 0 ? 'from' : 'merge'} ${parent}\n`);
  yield Buffer.from(`\n${parents.join('')}deleteall\n`);
  for (const {path, mode, size} of entries) {
    const start = `M ${MODES[mode]} inline ${quote(path)}\ndata `;
    if (mode === 'link') {
      const target = readlinkSync(join(root, path), 'buffer');
      yield Buffer.concat([Buffer.from(`${start}${target.length}\n`), target, Buffer.from('\n')]);
    } else {
      yield Buffer.from(`${start}${size}\n`);
      yield* readPieces(join(root, path), size);
      yield Buffer.from('\n');
    }
  }
  yield Buffer.from('done\n');
}

function* batched(pieces: Iterable<Buffer>): Generator<Buffer> {
  let batch: Buffer[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    batch.push(piece);
    bytes += piece.length;
    if (bytes < CHUNK) continue;
    yield Buffer.concat(batch, bytes);
    batch = [];
    bytes = 0;
  }
  yield Buffer.concat(batch, bytes);
}

/** git-fast-import(1), "path": C-style quoting. */
function quote(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&')}"`;
}

async function collect(git: Child): Promise<string> {
  let text = '';
  for await (const chunk of git.stderr.setEncoding('utf8')) text = (text + String(chunk)).slice(-16_384);
  return text;
}

function isBrokenPipe(error: unknown): boolean {
  return ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  );
}
