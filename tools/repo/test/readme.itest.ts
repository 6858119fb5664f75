// Every example of every README runs: TypeScript blocks are type-checked and run as a user's modules, shell blocks run with
// the commands on PATH; both in an empty folder of their own, those of the root's README in the folder of a small app.
import {spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals';
import {readmeBlocks, type ReadmeBlock} from '../dist/readme-blocks.js';
import {readWorkspace} from '../dist/workspace.js';

const root = join(import.meta.dirname, '../../..');
const packages = readWorkspace(root);
const blocks = readmeBlocks(root, packages);
const title = ({file, line}: ReadmeBlock) => `${file}:${line}`;
const scripts = blocks.filter((block) => block.language === 'ts');
const shells = blocks.filter((block) => block.language === 'sh');

// Inside this package, so that its imports of @keelson/* resolve as a user's would.
const compiled = join(import.meta.dirname, '../dist-readme');
const bins = mkdtempSync(join(tmpdir(), 'keelson-bin-'));
const moduleOf = (block: ReadmeBlock) => `${block.file.replaceAll(/\W+/g, '-')}-${block.line}`;
let typeErrors = '';

beforeAll(() => {
  rmSync(compiled, {recursive: true, force: true});
  mkdirSync(compiled, {recursive: true});
  for (const block of scripts) writeFileSync(join(compiled, `${moduleOf(block)}.ts`), block.code);
  const config = {
    extends: '../../../tsconfig.base.json',
    compilerOptions: {composite: false, declaration: false, declarationMap: false, sourceMap: false},
    include: ['*.ts'],
  };
  writeFileSync(join(compiled, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  if (scripts.length > 0)
    typeErrors = spawnSync(process.execPath, [tsc, '-p', compiled], {encoding: 'utf8'}).stdout;
  for (const one of packages)
    for (const [name, path] of Object.entries(one.manifest.bin ?? {}))
      symlinkSync(join(one.dir, path), join(bins, name));
});

afterAll(() => {
  rmSync(bins, {recursive: true, force: true});
  rmSync(compiled, {recursive: true, force: true});
});

const app = join(root, 'tools/deploy/test/fixtures/tiny');

function inOwnFolder({file}: ReadmeBlock, command: string, args: readonly string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'keelson-readme-'));
  if (file === 'README.md') cpSync(app, cwd, {recursive: true});
  const env = {...process.env, PATH: `${bins}:${process.env.PATH}`, NO_COLOR: '1', NODE_OPTIONS: ''};
  try {
    return spawnSync(command, args, {cwd, env, encoding: 'utf8', timeout: 170_000});
  } finally {
    rmSync(cwd, {recursive: true, force: true});
  }
}

test('there are examples', () => {
  expect(blocks.length).toBeGreaterThan(0);
});

describe('TypeScript examples', () => {
  test('are well typed', () => {
    expect(typeErrors).toBe('');
  });

  test.each(scripts.map((block) => [title(block), block] as const))('%s runs', (_title, block) => {
    const module = join(compiled, `${moduleOf(block)}.js`);
    expect(existsSync(module)).toBe(true);
    const {status, stderr} = inOwnFolder(block, process.execPath, [module]);
    expect({status, stderr: status === 0 ? '' : stderr}).toEqual({status: 0, stderr: ''});
  });
});

describe('shell examples', () => {
  test.each(shells.map((block) => [title(block), block] as const))('%s runs', (_title, block) => {
    const {status, stderr} = inOwnFolder(block, '/bin/bash', ['-euo', 'pipefail', '-c', block.code]);
    expect({status, stderr: status === 0 ? '' : stderr}).toEqual({status: 0, stderr: ''});
  });
});
