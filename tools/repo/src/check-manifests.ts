import {join} from 'node:path';
import {readImports} from './imports.ts';
import {tsconfigReferences, testReferences} from './references.ts';
import {readJson, type Violation, type WorkspacePackage} from './workspace.ts';

interface TsConfig {
  readonly references?: readonly {readonly path: string}[];
}

// oclif's types stand in the declaration files that TypeScript emits for a command class, and nowhere in its source.
const DECLARATION_ONLY = new Set(['@oclif/core']);

/** package.json, tsconfig references and imports tell the same story. */
export function checkManifests(packages: readonly WorkspacePackage[]): Violation[] {
  return packages.flatMap((one) => [
    ...checkDependencies(one),
    ...checkReferences(one, 'tsconfig.json', tsconfigReferences(one, packages)),
    ...checkReferences(one, 'test/tsconfig.json', testReferences(one, packages)),
    ...checkFacts(one),
  ]);
}

function checkDependencies(one: WorkspacePackage): Violation[] {
  const file = `${one.folder}/package.json`;
  const {dependencies, optionalDependencies} = one.manifest;
  const declared = new Set(Object.keys({...dependencies, ...optionalDependencies}));
  const dev = new Set(Object.keys(one.manifest.devDependencies ?? {}));
  const used = importedPackages(one.sources.map((source) => source.text));
  const usedInTests = importedPackages(one.tests.map((test) => test.text));
  used.delete(one.manifest.name);
  const missing = [...used].filter((name) => !declared.has(name) && !(one.manifest.private && dev.has(name)));
  const unused = [...declared].filter(
    (name) => !used.has(name) && !usedInTests.has(name) && !DECLARATION_ONLY.has(name),
  );
  return [
    ...missing.map((name) => ({
      file,
      rule: 'manifests',
      because: `${name} is imported but not in dependencies`,
    })),
    ...unused.map((name) => ({
      file,
      rule: 'manifests',
      because: `${name} is in dependencies but never imported`,
    })),
  ];
}

function importedPackages(texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap((text) => readImports(text).flatMap((entry) => entry.package ?? [])));
}

function checkReferences(one: WorkspacePackage, path: string, expected: readonly string[]): Violation[] {
  const actual = (readJson<TsConfig>(join(one.dir, path)).references ?? []).map((entry) => entry.path);
  if (JSON.stringify([...actual].sort()) === JSON.stringify([...expected].sort())) return [];
  return [
    {
      file: `${one.folder}/${path}`,
      rule: 'manifests',
      because: `references differ from package.json: run npm run sync`,
    },
  ];
}

function checkFacts(one: WorkspacePackage): Violation[] {
  const file = `${one.folder}/package.json`;
  const facts: [boolean, string][] = [
    [one.manifest.description !== undefined, 'description is missing'],
    [one.manifest.exports?.['./package.json'] === './package.json', './package.json is not exported'],
    [(one.manifest as {type?: string}).type === 'module', 'type is not module'],
    [(one.manifest as {license?: string}).license === 'Apache-2.0', 'license is not Apache-2.0'],
    [
      (one.manifest as {engines?: {node?: string}}).engines?.node === '>=20.19',
      'engines.node is not ">=20.19"',
    ],
  ];
  return facts.filter(([fine]) => !fine).map(([, because]) => ({file, rule: 'manifests', because}));
}
