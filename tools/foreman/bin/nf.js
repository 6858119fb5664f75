#!/usr/bin/env node
// node-foreman's command line becomes ours first.
const {begin, command, loadBundle} = require('./keelson-foreman.js');

const given = process.argv.slice(2);

async function run() {
  const {nfArgv} = loadBundle() ?? (await import('../dist/nf-argv.js'));
  let argv;
  try {
    argv = nfArgv(given);
  } catch (error) {
    const {UsageError} = await import('@keelson/cli-kit');
    return command(__filename, new UsageError(error.message, error.hint));
  }
  process.argv.splice(2, Infinity, ...argv);
  return begin(__filename, argv);
}

// `--version` needs neither.
if (given[0] === '--version' || given[0] === '-V') void command(__filename);
else void run();
