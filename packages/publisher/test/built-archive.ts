import {runtimeFacts, writeArchive, type Archive} from '@keelson/archive';
import {testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

/** An archive `web-<version>.tgz` (or .tar) of these files, as `keelson build` would write it. */
export async function builtArchive(
  tree: Tree = {'server.js': '1', 'bin/x': {mode: 0o755, content: '#!'}},
  version = '1.0.0',
): Promise<TestDirectory & {archive: Archive}> {
  const dir = await testdir({'app/package.json': '{}'});
  await dir.write(Object.fromEntries(Object.entries(tree).map(([path, entry]) => [`app/${path}`, entry])));
  const facts = {
    name: 'web',
    version,
    source: {},
    builder: 'test',
    node: runtimeFacts(),
    packageManager: {name: 'npm'},
    scripts: [],
    processTypes: ['web'],
    required: [],
    addons: [],
  };
  const archive = await writeArchive(dir.at('app'), {facts, to: dir.at(`web-${version}.tgz`)});
  return Object.assign(dir, {archive});
}
