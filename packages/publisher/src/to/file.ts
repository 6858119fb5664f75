import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {copyFile, mkdir, open, rename, rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {Archive} from '@keelson/archive';
import {syncDirectory} from '@keelson/atomic-fs';
import type {FileDestination} from '../destination.ts';
import {PublisherFault} from '../fault.ts';
import type {Outcome, PublishOptions} from '../publish.ts';

/** Copies an archive's file; whoever reads the destination meanwhile finds the old file or the new one. */
export async function publishToFile(
  archive: Archive,
  {path}: FileDestination,
  {signal}: PublishOptions,
): Promise<Outcome> {
  if (archive.form !== 'file')
    throw new PublisherFault(
      'PUBLISHER_NEEDS_FILE',
      `${archive.path} is a folder and cannot be copied to ${path}`,
      {
        hint: 'Publish a .tgz or .tar that keelson build wrote.',
      },
    );
  const revision = await fileDigest(archive.path, signal);
  const there = await fileDigest(path, signal).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw whyNot(error, path);
  });
  if (there === revision) return {revision, result: 'already-published', lines: []};
  try {
    await replaceFile(archive.path, path, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw whyNot(error, path);
  }
  return {revision, result: 'published', lines: []};
}

async function replaceFile(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  const temporary = `${to}.${process.pid}.tmp`;
  await mkdir(dirname(to), {recursive: true});
  try {
    await copyFile(from, temporary);
    await syncFile(temporary);
    signal?.throwIfAborted();
    await rename(temporary, to);
  } finally {
    await rm(temporary, {force: true});
  }
  await syncDirectory(dirname(to));
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}

async function fileDigest(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) {
    signal?.throwIfAborted();
    hash.update(chunk as Buffer);
  }
  return `sha256-${hash.digest('hex')}`;
}

const WHY: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder; name the file',
  ENOTDIR: 'a part of it is a file',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the file system is full',
};

function whyNot(error: unknown, path: string): unknown {
  const why = WHY[(error as NodeJS.ErrnoException).code ?? ''];
  if (why === undefined) return error;
  return new PublisherFault('PUBLISHER_DESTINATION', `cannot publish to ${path}: ${why}`, {cause: error});
}
