#!/usr/bin/env node
// CommonJS, as package.json beside it says, for the sake of `run`: Node's loader of ES modules would stay in memory with it.
const {pathToFileURL} = require('node:url');

void (async (argv) => {
  let failure;
  if (argv[0] === 'run') {
    try {
      if (await require('@keelson/supervisor/begin').runAtOnce(argv.slice(1))) return;
    } catch (error) {
      failure = error;
    }
  }
  const {main} = await import('@keelson/cli-kit/main');
  await main(pathToFileURL(__filename).href, async () => {
    if (failure !== undefined) throw failure;
    return import('../dist/commands.js');
  });
})(process.argv.slice(2));
