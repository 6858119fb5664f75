import {mkdir, readdir, rename} from 'node:fs/promises';
import {join} from 'node:path';
import {syncDirectory} from '@keelson/atomic-fs';
import type {Archive} from '@keelson/archive';
import type {Accept, Received} from './accept.ts';

/** Accepts every push and keeps its tree as `<root>/<app>/received/<n>`, n = 1, 2, … `onKept` gets it with the archive's new path. */
export function keepReceived(root: string, onKept: (received: Received) => void): Accept {
  return async (received, reply) => {
    const archive = await keep(received.archive, join(root, received.app, 'received'));
    onKept({...received, archive});
    reply.line(`Kept ${archive.manifest.name} ${archive.manifest.version} (${archive.digest}).`);
    return {accepted: true};
  };
}

async function keep(archive: Archive, folder: string): Promise<Archive> {
  await mkdir(folder, {recursive: true});
  // Pushes of one app come one at a time, so nobody else takes the number.
  const numbers = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  const path = join(folder, String(Math.max(0, ...numbers) + 1));
  await rename(archive.path, path);
  await syncDirectory(folder);
  return {...archive, path};
}
