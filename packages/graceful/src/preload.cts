/*
 * The preload is CommonJS for `--require`: with an `--import` Node 20 to 24 load the main file as an ES module, and one that needs a
 * `--require` hook (ts-node, any extension that is not Node's own) fails with ERR_UNKNOWN_FILE_EXTENSION.
 */
const emitWarning = Reflect.get(process, 'emitWarning') as typeof process.emitWarning;
// Node 20 and 22 tell of `require` of an ES module, once for each process: that one is ours, and none of the app's business.
process.emitWarning = (() => {}) as typeof process.emitWarning;
let preload: typeof import('./run-preload.js', {with: {'resolution-mode': 'import'}});
try {
  preload = require('./run-preload.js') as typeof preload;
} finally {
  process.emitWarning = emitWarning;
}
preload.runPreload();
