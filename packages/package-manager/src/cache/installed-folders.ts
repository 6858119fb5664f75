import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';

/** Folders with a package.json of their own below the app, relative, sorted: its workspaces, or something like them. */
export function workspaceFolders(dir: string): string[] {
  return foldersBelow(dir).filter(
    (folder) => !isModules(folder) && existsSync(join(dir, folder, 'package.json')),
  );
}

/** What an installation made: the `node_modules` beside each package.json, relative, sorted. */
export function installedFolders(dir: string): string[] {
  return modulesFolders(dir).filter((folder) => existsSync(join(dir, folder, '..', 'package.json')));
}

/** Every `node_modules` that is in no other one. */
export function modulesFolders(dir: string): string[] {
  return foldersBelow(dir).filter(isModules);
}

function isModules(folder: string): boolean {
  return folder === 'node_modules' || folder.endsWith('/node_modules');
}

/** What is in a `node_modules` is not looked at. */
function foldersBelow(dir: string): string[] {
  const found: string[] = [];
  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop())
    for (const entry of readdirSync(join(dir, folder), {withFileTypes: true})) {
      if (!entry.isDirectory() || entry.name === '.git') continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      found.push(path);
      if (entry.name !== 'node_modules') todo.push(path);
    }
  return found.sort();
}
