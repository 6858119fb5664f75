#!/usr/bin/env node
// CommonJS, as package.json beside it says, for the sake of `--version`, `run` and `foreman start`: Node's loader of ES modules takes
// time, and would stay in memory with them.
const {join} = require('node:path');
const {pathToFileURL} = require('node:url');

/** False, with nothing done: the parser of the commands has to look at it. */
async function beginAtOnce(argv) {
  if (require('@keelson/cli-kit/version').answerVersion(join(__dirname, '..'), argv)) return true;
  if (argv[0] === 'run') return require('@keelson/supervisor/begin').runAtOnce(argv.slice(1));
  const isStart = argv[0] === 'foreman' && argv[1] === 'start';
  return isStart && require('@keelson/foreman/begin').startAtOnce(argv.slice(2));
}

void (async (argv) => {
  let failure;
  try {
    if (await beginAtOnce(argv)) return;
  } catch (error) {
    failure = error;
  }
  const {main} = await import('@keelson/cli-kit/main');
  await main(pathToFileURL(__filename).href, async () => {
    if (failure !== undefined) throw failure;
    return import('../dist/commands.js');
  });
})(process.argv.slice(2));
