import {lstat, mkdir} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {writeAtomic} from '@keelson/atomic-fs';
import {ReleaseFault} from './fault.ts';

/** Writes files below a tree, 0600, each under a name of its own first: another name of what was there keeps it. Fault RELEASE_RENDERED. */
export async function writeRendered(tree: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await refuseOnTheWay(tree, path);
    const file = join(tree, path);
    await mkdir(dirname(file), {recursive: true});
    await writeAtomic(file, text, {mode: 0o600});
  }
}

/** Folders only, and at the end a file or nothing: a link may lead to what outlives the release, or out of it. */
async function refuseOnTheWay(tree: string, path: string): Promise<void> {
  const parts = path.split('/');
  for (let depth = 1; depth <= parts.length; depth++) {
    const part = parts.slice(0, depth).join('/');
    const found = await lstat(join(tree, part)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (found === undefined) return;
    const isLast = depth === parts.length;
    if (isLast ? found.isFile() : found.isDirectory()) continue;
    const what = found.isSymbolicLink() ? 'a link' : found.isDirectory() ? 'a folder' : 'a file';
    throw new ReleaseFault('RELEASE_RENDERED', `${path} cannot be rendered: ${part} is ${what}`, {
      hint: 'Correct `templates` in keelson.deploy.json: files outside of folders that persist, none inside another.',
    });
  }
}
