const {existsSync, readFileSync} = require('node:fs');
const {createRequire} = require('node:module');
const {join} = require('node:path');
const {Script} = require('node:vm');

const BUNDLE = join(__dirname, '../dist/start.cjs');

/** As `require` would load it, but with V8's code cache where that is for this Node. */
function load(file, cache) {
  // Code from a cache has lost where its `import()` begins: it is given ours.
  const names = 'exports, require, module, __filename, START_IMPORT';
  const source = `(function (${names}) {${readFileSync(file, 'utf8')}\n})`;
  const script = new Script(source, {filename: file, cachedData: cache});
  const module = {exports: {}};
  const run = script.runInThisContext();
  run(module.exports, createRequire(file), module, file, (name) => import(name));
  return {script, exports: module.exports};
}

exports.load = load;

/** All of `start` in one file, which bundle.js makes; undefined: it was not made, and `start` works as every other command does. */
exports.loadBundle = () => {
  if (!existsSync(BUNDLE)) return undefined;
  const cache = `${BUNDLE}.${process.version}.cache`;
  return load(BUNDLE, existsSync(cache) ? readFileSync(cache) : undefined).exports;
};
