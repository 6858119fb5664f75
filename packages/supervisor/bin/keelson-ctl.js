#!/usr/bin/env node
const {pathToFileURL} = require('node:url');

void (async () => {
  const {main} = await import('@keelson/cli-kit/main');
  await main(pathToFileURL(__filename).href, () => import('../dist/ctl-commands.js'));
})();
