import {launch} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';
import {GitFault} from './fault.ts';
import {NEUTRAL} from './git-environment.ts';
import {revisionEnvironment, type Revision} from './read-tree.ts';
import {missingGit} from './run-git.ts';

/** Called in the order of the hashes, each with the index of its hash. */
export interface BlobSink {
  start(index: number): void;
  data(index: number, bytes: Uint8Array): void;
  end(index: number): void;
}

const NEWLINE = 0x0a;

/** Streams blobs out of a repository, in the order that was asked for, in bounded memory. */
export async function readBlobs(
  {ids, ...revision}: Revision & {readonly ids: readonly string[]},
  sink: BlobSink,
  options: StepOptions,
): Promise<void> {
  if (ids.length === 0) return;
  await using git = await launch(
    {
      command: 'git',
      args: [...NEUTRAL, 'cat-file', '--batch=%(objecttype) %(objectsize)', '--buffer'],
      env: revisionEnvironment(revision),
      stdin: 'pipe',
    },
    {signal: options.signal},
  ).catch((error: unknown) => {
    throw missingGit(error) ?? error;
  });
  git.stderr.resume();
  git.stdin!.on('error', () => {}); // it ended early: what is missing on stdout says so
  git.stdin!.end(`${ids.join('\n')}\n`);
  const reader = batchReader(ids, sink);
  for await (const chunk of git.stdout as AsyncIterable<Buffer>) {
    options.signal?.throwIfAborted();
    reader.read(chunk);
  }
  options.signal?.throwIfAborted();
  if (reader.count < ids.length)
    throw new GitFault('GIT_FAILED', `${revision.gitDir} could not be read to its end`);
}

/** Takes `<type> <size>\n<bytes>\n`, again and again (git-cat-file(1), "BATCH OUTPUT"), in pieces of any size. */
export function batchReader(
  ids: readonly string[],
  sink: BlobSink,
): {read(chunk: Uint8Array): void; readonly count: number} {
  let count = 0;
  let header = '';
  let left = -1; // bytes of the current blob that are to come; -1 between blobs
  const readHeader = (chunk: Uint8Array, from: number): number => {
    const end = chunk.indexOf(NEWLINE, from);
    header += Buffer.from(chunk.subarray(from, end === -1 ? undefined : end)).toString('latin1');
    if (end === -1) return chunk.length;
    const match = /^blob (\d+)$/.exec(header);
    if (match === null || count >= ids.length)
      throw new GitFault('GIT_FAILED', `git cat-file said ${JSON.stringify(header)} about ${ids[count]}`);
    header = '';
    left = Number(match[1]);
    sink.start(count);
    return end + 1;
  };
  const readContent = (chunk: Uint8Array, from: number): number => {
    const bytes = chunk.subarray(from, from + left);
    if (bytes.length > 0) sink.data(count, bytes);
    left -= bytes.length;
    if (left > 0 || from + bytes.length === chunk.length) return chunk.length;
    sink.end(count++);
    left = -1;
    return from + bytes.length + 1; // and the newline after it
  };
  return {
    get count() {
      return count;
    },
    read(chunk) {
      for (let at = 0; at < chunk.length;) at = left === -1 ? readHeader(chunk, at) : readContent(chunk, at);
    },
  };
}
