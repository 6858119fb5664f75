#!/usr/bin/env node
// CommonJS, as package.json beside it says: Node's loader of ES modules takes longer to start than dist/tag.cjs.
const {statSync} = require('node:fs');
const {join} = require('node:path');
const {pathToFileURL} = require('node:url');

const BUNDLE = join(__dirname, '../dist/tag.cjs');
const BUILD = join(__dirname, '../dist/.tsbuildinfo');

/** From stdin to stdout at once; anything else, and whatever fails, through the commands. */
void (async (argv) => {
  let failure;
  try {
    if (isMade() && (await require(BUNDLE).tagAtOnce(argv))) return;
  } catch (error) {
    failure = error;
  }
  const {main} = await import('@keelson/cli-kit/main');
  await main(pathToFileURL(__filename).href, async () => {
    if (failure === undefined) return import('../dist/commands.js');
    const {usageErrorOf} = await import('../dist/tag-flags.js');
    throw usageErrorOf(failure);
  });
})(process.argv.slice(2));

/** In a working copy the compiler may have been here since; its file is in no package. */
function isMade() {
  const made = timeOf(BUNDLE);
  return made !== undefined && made >= (timeOf(BUILD) ?? 0);
}

function timeOf(file) {
  return statSync(file, {throwIfNoEntry: false})?.mtimeMs;
}
