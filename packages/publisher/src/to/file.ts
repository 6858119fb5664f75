import {copyFile, open, rename, rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import {makeDirectory, syncDirectory} from '@keelson/atomic-fs';
import {inFolder, type FileDestination} from '../destination.ts';
import {PublisherFault} from '../fault.ts';
import {hashFile} from '../parcel/hash-file.ts';
import type {Parcel} from '../parcel/parcel.ts';
import type {Outcome} from '../publication.ts';
import type {PublishOptions} from '../publish.ts';

/** Copies an archive's file; whoever reads the destination meanwhile finds the old file or the new one. */
export async function publishToFile(
  parcel: Parcel,
  to: FileDestination,
  {signal}: PublishOptions,
): Promise<Outcome> {
  const file = await parcel.file({signal});
  const path = inFolder(to.path, file.name);
  const revision = file.fileDigest;
  const there = await hashFile(path, {signal}).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw whyNot(error, path);
  });
  if (there?.fileDigest === revision)
    return {to: {kind: 'file', path}, revision, result: 'already-published', lines: []};
  try {
    await replaceFile(file.path, path, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw whyNot(error, path);
  }
  return {to: {kind: 'file', path}, revision, result: 'published', lines: []};
}

async function replaceFile(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  const temporary = `${to}.${process.pid}.tmp`;
  await makeDirectory(dirname(to));
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

const WHY: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder; name the file',
  ENOTDIR: 'a part of it is a file',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the file system is full',
};

function whyNot(error: unknown, path: string): unknown {
  const {code = '', syscall} = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' && syscall === 'mkdir' ? 'there can be no such folder' : WHY[code];
  if (why === undefined) return error;
  return new PublisherFault('PUBLISHER_DESTINATION', `cannot publish to ${path}: ${why}`, {cause: error});
}
