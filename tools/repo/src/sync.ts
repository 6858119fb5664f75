// `npm run sync`: writes what can be derived – tsconfig references and the signatures in ARCHITECTURE.md.
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {withSignatures} from './signatures.ts';
import {testReferences, tsconfigReferences} from './references.ts';
import {readJson, readWorkspace} from './workspace.ts';

const root = join(import.meta.dirname, '../../..');
const packages = readWorkspace(root);

function writeReferences(path: string, references: readonly string[]): void {
  const config = readJson<Record<string, unknown>>(path);
  const text = `${JSON.stringify({...config, references: references.map((to) => ({path: to}))}, null, 2)}\n`;
  if (text !== readFileSync(path, 'utf8')) writeFileSync(path, text);
}

for (const one of packages) {
  writeReferences(join(one.dir, 'tsconfig.json'), tsconfigReferences(one, packages));
  writeReferences(join(one.dir, 'test/tsconfig.json'), testReferences(one, packages));
}
const all = packages.flatMap((one) => [one.folder, `${one.folder}/test`]);
writeReferences(join(root, 'tsconfig.json'), all);

const architecture = join(root, 'ARCHITECTURE.md');
writeFileSync(architecture, withSignatures(readFileSync(architecture, 'utf8'), packages));
