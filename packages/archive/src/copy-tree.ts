import {chmodSync, constants, copyFileSync, existsSync} from 'node:fs';
import {rename} from 'node:fs/promises';
import {join} from 'node:path';
import {removeTree} from '@keelson/atomic-fs';
import type {StoredManifest} from './archive-manifest.ts';
import {createBreath} from './breathe.ts';
import {unsafePath} from './entry-paths.ts';
import {ArchiveFault} from './fault.ts';
import {createFolders} from './folders.ts';
import {createNameGuard} from './name-guard.ts';
import {newTree, prepareParent} from './new-tree.ts';
import {requireCaseSensitive} from './require-case-sensitive.ts';
import {foldsAsListed, MANIFEST_NAME} from './stored-manifest.ts';
import {writeTree} from './tree-writer.ts';

const COPY = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;

/** Copies what `keelson.json` lists, and nothing else, to a new folder. The list was compared with the disk already. */
export async function copyTree(
  from: string,
  dir: string,
  {manifest, signal}: {readonly manifest: StoredManifest; readonly signal?: AbortSignal | undefined},
): Promise<void> {
  requireFolders(from, manifest);
  const breathe = createBreath(signal);
  await newTree(dir, async (tree) => {
    requireCaseSensitive(tree, dir, manifest);
    const writer = writeTree(tree);
    const copy = (path: string, mode: number) => {
      writer.makeParent(path);
      copyFileSync(join(from, path), join(tree, path), COPY);
      chmodSync(join(tree, path), mode);
    };
    copy(MANIFEST_NAME, 0o644);
    for (const {path, mode} of manifest.entries) {
      if (mode !== 'link') copy(path, Number.parseInt(mode, 8));
      await breathe();
    }
    for (const folder of manifest.folders) writer.folder(folder);
    for (const entry of manifest.entries) if (entry.mode === 'link') writer.link(entry.path, entry.target);
  });
}

/** Takes the folder itself; it is copied only when it lies on another file system, or has a repository of its own in it. */
export async function moveTree(
  from: string,
  dir: string,
  what: {readonly manifest: StoredManifest; readonly signal?: AbortSignal | undefined},
): Promise<void> {
  if (existsSync(join(from, '.git')) || !(await renameTree(from, dir, what.manifest))) {
    await copyTree(from, dir, what);
    await removeTree(from);
  }
}

async function renameTree(from: string, dir: string, manifest: StoredManifest): Promise<boolean> {
  requireFolders(from, manifest);
  const folders = createFolders(from, true);
  chmodSync(from, 0o755);
  for (const {path, mode} of [{path: MANIFEST_NAME, mode: '644'} as const, ...manifest.entries]) {
    folders.makeParent(path);
    if (mode !== 'link') chmodSync(join(from, path), Number.parseInt(mode, 8));
  }
  for (const folder of manifest.folders) folders.make(folder);
  const parent = await prepareParent(dir);
  try {
    await rename(from, dir);
    return true;
  } catch (error) {
    await parent.undo();
    if ((error as NodeJS.ErrnoException).code === 'EXDEV') return false;
    throw error;
  }
}

/** The empty folders are not part of what was compared with the disk. */
function requireFolders(from: string, manifest: StoredManifest): void {
  const {entries, folders} = manifest;
  const guard = createNameGuard(foldsAsListed(manifest));
  for (const {path, mode} of entries) guard(path, mode === 'link' ? 'link' : 'file');
  for (const folder of folders) {
    const because = unsafePath(folder) ?? guard(folder, 'folder');
    if (because !== undefined)
      throw new ArchiveFault('ARCHIVE_UNSAFE_ENTRY', `${from}: ${JSON.stringify(folder)} ${because}`);
  }
}
