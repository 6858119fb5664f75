// What all programs that start from one file have in common: each package's bundle.js says the rest.
import {renameSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const {build} = createRequire(join(import.meta.dirname, '../packages/cli-kit/package.json'))('esbuild');

/**
 * One CommonJS file out of modules, in memory.
 * @param {string} root the package's folder, to which `entry` and `outfile` are relative
 * @returns {Promise<string>} its text
 */
export async function bundleProgram(root, {entry, ...own}) {
  const {outputFiles} = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    legalComments: 'none',
    minifySyntax: true,
    minifyWhitespace: true,
    ...own,
  });
  return outputFiles[0].text;
}

/** Whole or not at all: a start meanwhile loads the old file or the new one. */
export function writeWhole(path, contents) {
  writeFileSync(`${path}.${process.pid}`, contents);
  renameSync(`${path}.${process.pid}`, path);
}
