// The rules, held against this repository.
import {existsSync, readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {expect, test} from '@jest/globals';
import {checkFloors} from '../dist/check-floors.js';
import {checkHouseRules} from '../dist/check-house-rules.js';
import {checkManifests} from '../dist/check-manifests.js';
import {readWorkspace, type Violation} from '../dist/workspace.js';

const root = join(import.meta.dirname, '../../..');
const packages = readWorkspace(root);

const lines = (violations: readonly Violation[]) =>
  violations.map(({file, rule, because}) => `${file}: ${because} (${rule})`);

test('there is something to check', () => {
  expect(packages.length).toBeGreaterThan(20);
});

test('imports go strictly downward', () => {
  expect(lines(checkFloors(packages))).toEqual([]);
});

test('manifests, references and imports agree', () => {
  expect(lines(checkManifests(packages))).toEqual([]);
});

test('the house rules hold', () => {
  expect(lines(checkHouseRules(packages))).toEqual([]);
});

test('ARCHITECTURE.md says why each dependency is there', () => {
  const table = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('## Dependencies, and why')[1]!;
  const told = new Set(
    [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, names]) => names!.trim().split(', ')),
  );
  const used = packages.flatMap(({manifest}) =>
    Object.keys({
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.devDependencies,
    }),
  );
  const foreign = [...new Set(used)].filter((name) => !/^(@keelson\/|keelson$|@types\/)/.test(name));
  expect(foreign.filter((name) => !told.has(name))).toEqual([]);
});

test.each(packages.map((one) => [one.manifest.name, one] as const))('%s has a README', (_name, one) => {
  expect(existsSync(join(one.dir, 'README.md'))).toBe(true);
});

const subpaths = packages.flatMap((one) =>
  Object.entries(one.manifest.exports ?? {}).flatMap(([subpath, target]) =>
    typeof target === 'object'
      ? [[one.manifest.name + subpath.slice(1), one, target as {default: string}] as const]
      : [],
  ),
);

// A preload changes the process that imports it; it is imported by its own tests in child processes.
test.each(subpaths.filter(([name]) => !name.endsWith('/preload')))(
  '%s can be imported',
  async (_name, one, target) => {
    const module = (await import(pathToFileURL(join(one.dir, target.default)).href)) as object;
    expect(Object.keys(module).length).toBeGreaterThan(0);
  },
);

test.each(
  packages.flatMap((one) =>
    Object.entries(one.manifest.bin ?? {}).map(([name, path]) => [name, join(one.dir, path)]),
  ),
)('bin %s exists', (_name, path) => {
  expect(existsSync(path!)).toBe(true);
});

test('what is started first is there', async () => {
  const url = pathToFileURL(join(root, 'scripts/longest-first.js')).href;
  const {LONGEST} = (await import(url)) as {LONGEST: readonly string[]};
  const sources = LONGEST.map((name) => join(root, dirname(name), 'test', basename(name)));
  const missing = sources.filter((path) => ![`${path}.itest.ts`, `${path}.test.ts`].some(existsSync));
  expect(missing).toEqual([]);
});
