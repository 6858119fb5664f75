#!/usr/bin/env node
import {main} from '@keelson/cli-kit/main';

import {nfArgv} from '../dist/nf-argv.js';

let problem;
try {
  process.argv.splice(2, Infinity, ...nfArgv(process.argv.slice(2)));
} catch (error) {
  problem = error;
}
await main(import.meta.url, async () => {
  if (problem === undefined) return import('../dist/commands.js');
  const {UsageError} = await import('@keelson/cli-kit');
  throw new UsageError(problem.message, problem.hint);
});
