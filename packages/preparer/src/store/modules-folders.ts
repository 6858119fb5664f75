import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {workspaceFolders} from '@keelson/package-manager';

/** The `node_modules` beside each package.json of an app, relative. */
export function modulesFolders(dir: string): string[] {
  return ['', ...workspaceFolders(dir)]
    .map((folder) => join(folder, 'node_modules'))
    .filter((folder) => existsSync(join(dir, folder)));
}
