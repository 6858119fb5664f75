import {closeSync, mkdirSync, openSync, symlinkSync, writeSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {makeDirectory, removeTree} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import {GitFault} from './fault.ts';
import {readBlobs} from './read-blobs.ts';
import {readTree, type Revision, type TreeEntry} from './read-tree.ts';
import {checkEntries, checkLinks, type TreeLimits} from './tree-safety.ts';

export interface CheckoutOptions extends StepOptions {
  readonly limits?: Partial<TreeLimits> | undefined;
}

/**
 * Writes a commit's files byte for byte into a folder that does not exist or is empty: no filters, no index, nothing of the tree is
 * obeyed. On failure the folder is empty again.
 * Faults: GIT_UNSAFE_TREE (submodules, `.git`, links that leave the tree …), GIT_TOO_LARGE, GIT_FAILED, GIT_MISSING.
 */
export async function checkoutTree(
  revision: Revision,
  dir: string,
  options: CheckoutOptions = {},
): Promise<void> {
  const root = resolve(dir);
  const entries = await readTree(revision, options);
  checkEntries(entries, options.limits);
  const links = await readLinks(revision, entries, options);
  checkLinks(links);
  await makeDirectory(root);
  if ((await readdir(root)).length > 0) throw new GitFault('GIT_FAILED', `${root} is not empty`);
  try {
    makeFolders(root, entries);
    await writeFiles(root, {revision, entries}, options);
    // Last, so that no file is written through one.
    for (const [path, target] of links) symlinkSync(target, join(root, path));
  } catch (error) {
    for (const name of await readdir(root)) await removeTree(join(root, name));
    throw error;
  }
}

async function readLinks(
  revision: Revision,
  entries: readonly TreeEntry[],
  options: StepOptions,
): Promise<Map<string, string>> {
  const targets = new Map<string, string>();
  const links = entries.filter((entry) => entry.mode === 'link');
  let target: Buffer[] = [];
  await readBlobs(
    {...revision, ids: links.map((entry) => entry.id)},
    {
      start: () => void (target = []),
      data: (_, bytes) => void target.push(Buffer.from(bytes)),
      end: (index) => void targets.set(links[index]!.path, Buffer.concat(target).toString()),
    },
    options,
  );
  return targets;
}

function makeFolders(root: string, entries: readonly TreeEntry[]): void {
  const made = new Set(['.']);
  for (const {path} of entries) {
    const folder = dirname(path);
    if (made.has(folder)) continue;
    mkdirSync(join(root, folder), {recursive: true, mode: 0o755});
    made.add(folder);
  }
}

async function writeFiles(
  root: string,
  {revision, entries}: {readonly revision: Revision; readonly entries: readonly TreeEntry[]},
  options: StepOptions,
): Promise<void> {
  const files = entries.filter((entry) => entry.mode !== 'link');
  let open: number | undefined;
  const close = () => {
    if (open !== undefined) closeSync(open);
    open = undefined;
  };
  try {
    await readBlobs(
      {...revision, ids: files.map((entry) => entry.id)},
      {
        start: (index) => {
          const {path, mode} = files[index]!;
          open = openSync(join(root, path), 'wx', mode === '755' ? 0o755 : 0o644);
        },
        data: (_, bytes) => {
          for (let done = 0; done < bytes.length;) done += writeSync(open!, bytes, done);
        },
        end: close,
      },
      options,
    );
  } finally {
    close();
  }
}
