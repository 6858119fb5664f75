import {mkdir, readdir, rename} from 'node:fs/promises';
import {extname, join} from 'node:path';
import {syncDirectory} from '@keelson/atomic-fs';
import type {Accept, Received} from './accept.ts';

/**
 * Accepts every push and keeps what it brought as `<root>/<app>/received/<n>`, n = 1, 2, …; a tarball with its ending, `3.tgz`.
 * `onKept` gets it with its new path.
 */
export function keepReceived(root: string, onKept: (received: Received) => void): Accept {
  return async (received, reply) => {
    const folder = join(root, received.app, 'received');
    if (received.archive === undefined) {
      const path = await keep(received.package.path, folder, '');
      onKept({...received, package: {...received.package, path}});
      reply.line(`Kept ${received.package.name} ${received.package.version} (not built).`);
      return {accepted: true};
    }
    const {archive} = received;
    const path = await keep(
      archive.path,
      folder,
      archive.form === 'file' ? extname(archive.path) || '.tgz' : '',
    );
    onKept({...received, archive: {...archive, path}});
    reply.line(`Kept ${archive.manifest.name} ${archive.manifest.version} (${archive.digest}).`);
    return {accepted: true};
  };
}

async function keep(from: string, folder: string, ending: string): Promise<string> {
  await mkdir(folder, {recursive: true});
  // Pushes of one app come one at a time, so nobody else takes the number.
  const numbers = (await readdir(folder)).map((name) => Number.parseInt(name, 10)).filter((n) => n > 0);
  const path = join(folder, `${Math.max(0, ...numbers) + 1}${ending}`);
  await rename(from, path);
  await syncDirectory(folder);
  return path;
}
