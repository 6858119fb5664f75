import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** The nearest folder above a module that has a package.json. */
export function packageRoot(moduleUrl: string): string {
  let folder = dirname(fileURLToPath(moduleUrl));
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new Error(`no package.json above ${moduleUrl}`);
    folder = dirname(folder);
  }
  return folder;
}

/** The absolute path of a package's bin, by the package's folder (`archive-builder`) and, where it has several, the bin's name. */
export function bin(folder: string, name?: string): string {
  const repository = join(packageRoot(import.meta.url), '../..');
  for (const floor of ['packages', 'tools']) {
    const root = join(repository, floor, folder);
    if (!existsSync(join(root, 'package.json'))) continue;
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      bin?: Record<string, string>;
    };
    const path = name === undefined ? Object.values(manifest.bin ?? {})[0] : manifest.bin?.[name];
    if (path !== undefined) return join(root, path);
  }
  throw new Error(`no bin ${name ?? ''} in packages/${folder} or tools/${folder}`);
}
