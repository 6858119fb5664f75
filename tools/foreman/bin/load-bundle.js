const {readFileSync, statSync} = require('node:fs');
const {join} = require('node:path');
const {Script} = require('node:vm');

const BUNDLE = join(__dirname, '../dist/start.cjs');
const BUILD = join(__dirname, '../dist/.tsbuildinfo');

/** As `require` would load it, but with V8's code cache where that is for this Node. */
function load(file, cache) {
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

/** All of `start` in one file, which bundle.js makes; undefined: it was not made, or before the last change, and `start` works as every other command does. */
exports.loadBundle = () => {
  const made = timeOf(BUNDLE);
  // In a working copy the compiler may have been here since; its file is in no package.
  if (made === undefined || made < (timeOf(BUILD) ?? 0)) return undefined;
  const cache = `${BUNDLE}.${process.version}.cache`;
  return load(BUNDLE, timeOf(cache) === undefined ? undefined : readFileSync(cache)).exports;
};

function timeOf(file) {
  return statSync(file, {throwIfNoEntry: false})?.mtimeMs;
}
