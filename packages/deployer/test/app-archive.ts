import {mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {runtimeFacts, writeArchive, type Archive, type ManifestFacts} from '@keelson/archive';

export interface AppParts {
  readonly files?: Readonly<Record<string, string>>;
  /** The `keelson` section of its package.json. */
  readonly keelson?: Readonly<Record<string, unknown>>;
  readonly facts?: Partial<ManifestFacts>;
}

/** An archive `<dir>/<version>.tgz` of a small app. */
export async function appArchive(dir: string, version: string, parts: AppParts = {}): Promise<Archive> {
  const {files = {}, keelson = {}, facts = {}} = parts;
  const tree = join(dir, `app-${version}`);
  const all = {
    'package.json': JSON.stringify({name: 'shop', version, keelson}),
    Procfile: 'web: node server.js\nworker: node worker.js\n',
    'server.js': `// ${version}`,
    ...files,
  };
  for (const [path, content] of Object.entries(all)) {
    await mkdir(dirname(join(tree, path)), {recursive: true});
    await writeFile(join(tree, path), content);
  }
  const built: ManifestFacts = {
    name: 'shop',
    version,
    source: {revision: `commit-of-${version}`},
    builder: 'test',
    node: runtimeFacts(),
    packageManager: {name: 'npm'},
    scripts: [],
    processTypes: ['web', 'worker'],
    required: [],
    addons: [],
  };
  return writeArchive(tree, {to: join(dir, `${version}.tgz`), facts: {...built, ...facts}});
}
