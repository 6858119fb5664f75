// Each rule is shown to find what it forbids, on packages made up here.
import {describe, expect, test} from '@jest/globals';
import {checkFloors} from '../dist/check-floors.js';
import {checkHouseRules} from '../dist/check-house-rules.js';
import {checkManifests} from '../dist/check-manifests.js';
import {readImports} from '../dist/imports.js';
import {readBlocks} from '../dist/readme-blocks.js';
import type {WorkspacePackage} from '../dist/workspace.js';

function made(name: string, files: Record<string, string>, manifest = {}): WorkspacePackage {
  return {
    dir: '/nowhere',
    folder: `packages/${name}`,
    manifest: {name: `@keelson/${name}`, ...manifest},
    sources: Object.entries(files).map(([path, text]) => ({path, text})),
    tests: [],
  };
}

describe('imports', () => {
  test.each([
    [`import {a} from '@keelson/step';`, {package: '@keelson/step', typeOnly: false, dynamic: false}],
    [`import type {A} from '@keelson/step';`, {package: '@keelson/step', typeOnly: true, dynamic: false}],
    [`import {\n  a,\n  b,\n} from 'zod/mini';`, {package: 'zod', typeOnly: false, dynamic: false}],
    [`import 'zod';`, {package: 'zod', typeOnly: false, dynamic: false}],
    [`export {a} from './a.ts';`, {package: undefined, typeOnly: false, dynamic: false}],
    [`  const {z} = await import('zod');`, {package: 'zod', typeOnly: false, dynamic: true}],
    [`let x: import('zod').Z;`, {package: 'zod', typeOnly: true, dynamic: true}],
  ])('%s', (text, expected) => {
    expect(readImports(text)).toEqual([expect.objectContaining(expected)]);
  });

  test('an import in a comment is none', () => {
    expect(readImports(`/** import {a} from 'zod' */\n// await import('zod')\n`)).toEqual([]);
  });
});

describe('floors', () => {
  const floors = {'@keelson/low': 0, '@keelson/left': 1, '@keelson/right': 1};
  const others = [made('low', {}), made('left', {})];
  test.each([
    ['down is fine', 'right', `import {a} from '@keelson/low';`, 0],
    ['sideways is not', 'right', `import {a} from '@keelson/left';`, 1],
    ['up is not', 'low', `import {a} from '@keelson/left';`, 1],
    ['not even for a type', 'right', `import type {A} from '@keelson/left';`, 1],
    ['nor lazily', 'right', `await import('@keelson/left');`, 1],
    ['the test kit is for tests', 'right', `import {a} from '@keelson/test-kit';`, 1],
  ])('%s', (_title, name, text, count) => {
    const packages = [
      ...others.filter((one) => one.manifest.name !== `@keelson/${name}`),
      made('test-kit', {}),
    ];
    expect(checkFloors([...packages, made(name, {'src/a.ts': text})], floors)).toHaveLength(count);
  });

  test('a package without a floor is named', () => {
    expect(checkFloors([made('new', {})], floors)).toEqual([
      expect.objectContaining({because: expect.stringContaining('no floor')}),
    ]);
  });
});

describe('house rules', () => {
  test.each([
    ['a dumping ground', 'src/utils.ts', ''],
    ['a dumping folder', 'src/helpers/a.ts', ''],
    ['a long file', 'src/a.ts', '\n'.repeat(251)],
    ['logic in an index', 'src/index.ts', 'export const a = 1;\n'],
    ['a hidden index', 'src/index.ts', `export * from './a.ts';\n`],
    ['a long command', 'src/cli.ts', '\n'.repeat(61)],
    ['a heavy command', 'src/cli.ts', `import * as z from 'zod/mini';\n`],
    ['a command that loads its own package', 'src/cli/list.ts', `import {list} from '../list.ts';\n`],
    ['heavy shared flags', 'src/server-flags.ts', `import {serve} from './serve.ts';\n`],
    ['process.exit in a library', 'src/a.ts', 'process.exit(1);\n'],
    ['process.env in a library', 'src/a.ts', 'const a = process.env.A;\n'],
    ['console in a library', 'src/a.ts', 'console.log(1);\n'],
    ['an error without a code', 'src/a.ts', `throw new Error('x');\n`],
    [
      'four parameters',
      'src/a.ts',
      'export function f(a: A<B, C>, b: {c: 1, d: 2}, e: (x: 1, y: 2) => z, g = 1) {}\n',
    ],
    [
      'nine options',
      'src/a.ts',
      `interface AOptions {\n${'abcdefghi'
        .split('')
        .map((k) => `  readonly ${k}?: 1;`)
        .join('\n')}\n}\n`,
    ],
  ])('%s is found', (_title, path, text) => {
    expect(checkHouseRules([made('x', {[path]: text})])).toHaveLength(1);
  });

  test.each([
    ['named exports', 'src/index.ts', `export {a, type B} from './a.ts';\nexport type {C} from './c.ts';\n`],
    [
      'a lazy command',
      'src/cli.ts',
      `import {StepCommand} from '@keelson/cli-kit';\nasync () => import('./a.ts');\n`,
    ],
    ['a command with shared flags', 'src/cli/list.ts', `import {rootFlag} from '../server-flags.ts';\n`],
    ['process in a comment', 'src/a.ts', '/** Not process.env. */\n// console.log\n'],
    ['process at the edge', 'src/cli.ts', 'process.exitCode = 1; process.env.A;\n'],
    [
      'three parameters',
      'src/a.ts',
      'export async function f<T extends A>(a: A<B, C>, b = 1, ...c: D[]): E {}\n',
    ],
  ])('%s is fine', (_title, path, text) => {
    expect(checkHouseRules([made('x', {[path]: text})])).toEqual([]);
  });
});

describe('manifests', () => {
  test('an undeclared and an unused dependency are found', () => {
    const one = made('x', {'src/a.ts': `import a from 'used';`}, {dependencies: {unused: '1'}});
    const problems = () => checkManifests([{...one, dir: import.meta.dirname.replace('dist-test', '')}]);
    expect(problems().map((entry) => entry.because)).toEqual(
      expect.arrayContaining([
        'used is imported but not in dependencies',
        'unused is in dependencies but never imported',
      ]),
    );
  });
});

describe('README blocks', () => {
  test('ts and sh are examples, text is not; each knows its line', () => {
    const text = '# A\n\n```ts\na;\n```\n```text\nb\n```\n\n```sh\nc\n```\n';
    expect(readBlocks(text, 'R.md')).toEqual([
      {file: 'R.md', line: 3, language: 'ts', code: 'a;\n'},
      {file: 'R.md', line: 10, language: 'sh', code: 'c\n'},
    ]);
  });
});
