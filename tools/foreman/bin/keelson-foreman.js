#!/usr/bin/env node
// CommonJS, as package.json beside it says: until Node's ES modules are ready, `start` can be at its first line. All in one file, for
// each takes Node as long as reading the Procfile.
const {existsSync, readFileSync, statSync} = require('node:fs');

const BUNDLE = `${__dirname}/../dist/start.cjs`;
const BUILD = `${__dirname}/../dist/.tsbuildinfo`;

/** As `require` would load it, but with V8's code cache where that is for this Node. */
function load(file, cache) {
  const {Script} = require('node:vm');
  // Code from a cache has lost where its `import()` begins: it is given ours.
  const names = 'exports, require, module, __filename, START_IMPORT';
  const source = `(function (${names}) {${readFileSync(file, 'utf8')}\n})`;
  const script = new Script(source, {filename: file, cachedData: cache});
  const module = {exports: {}};
  const run = script.runInThisContext();
  // What it requires is Node's or a dependency's, and found from here as well: node:module would be loaded for nothing.
  run(module.exports, require, module, file, (name) => import(name));
  return {script, exports: module.exports};
}

exports.load = load;

let bundle;

/** All of `start` in one file, which bundle.js makes; undefined: it was not made, or before the last change, and `start` works as every other command does. */
exports.loadBundle = () => (bundle ??= readBundle());

function readBundle() {
  const made = timeOf(BUNDLE);
  // In a working copy the compiler may have been here since; its file is in no package.
  if (made === undefined || made < (timeOf(BUILD) ?? 0)) return undefined;
  const cache = `${BUNDLE}.${process.version}.cache`;
  return load(BUNDLE, existsSync(cache) ? readFileSync(cache) : undefined).exports;
}

function timeOf(file) {
  return statSync(file, {throwIfNoEntry: false})?.mtimeMs;
}

/**
 * A plain `start` at once: for every bin that has this command. False, with nothing done, for a command line that the parser of the
 * commands has to look at; rejects with what that is to tell.
 */
exports.startAtOnce = async (argv) => (await exports.loadBundle()?.startAtOnce(argv)) ?? false;

/** A plain `start` at once; anything else, and whatever fails, through the commands. */
exports.begin = async (file, argv) => {
  let failure;
  try {
    if (argv[0] === 'start' && (await exports.startAtOnce(argv.slice(1)))) return;
  } catch (error) {
    failure = error;
  }
  await exports.command(file, failure);
};

/** The commands; with a failure they tell it, and exit as it says. */
exports.command = async (file, failure) => {
  const {pathToFileURL} = require('node:url');
  const {main} = await import('@keelson/cli-kit/main');
  await main(pathToFileURL(file).href, async () => {
    if (failure !== undefined) throw failure;
    return import('../dist/commands.js');
  });
};

if (require.main === module) void exports.begin(__filename, process.argv.slice(2));
