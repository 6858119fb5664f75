import {join} from 'node:path';
import {runtimeFacts, writeArchive, type Archive, type ManifestFacts} from '@keelson/archive';
import type {TestDirectory, Tree} from '@keelson/test-kit';

/** An archive `<dir>/app.tgz` of an app with these files. */
export async function appArchive(
  dir: TestDirectory,
  files: Tree = {},
  facts: Partial<ManifestFacts> = {},
): Promise<Archive> {
  const base = {'package.json': '{"name": "shop", "version": "1.2.0"}', Procfile: 'web: node server.js\n'};
  const all = Object.entries({...base, ...files}).map(([path, content]) => [join('app', path), content]);
  await dir.write(Object.fromEntries(all) as Tree);
  return writeArchive(dir.at('app'), {
    to: dir.at('app.tgz'),
    facts: {
      name: 'shop',
      version: '1.2.0',
      source: {},
      builder: 'test',
      node: runtimeFacts(),
      packageManager: {name: 'npm'},
      scripts: [],
      processTypes: ['web'],
      required: [],
      addons: Object.keys(files).filter((path) => path.endsWith('.node')),
      ...facts,
    },
  });
}
