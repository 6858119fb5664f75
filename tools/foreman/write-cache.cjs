// write-cache.cjs BUNDLE: runs the Procfile here, then writes V8's code for all that has been needed beside the bundle.
const {writeFileSync} = require('node:fs');

const {load} = require('./bin/keelson-foreman.js');

const [file] = process.argv.slice(2);
const {script, exports: bundle} = load(file);
bundle
  .startAtOnce([])
  .then(() => writeFileSync(`${file}.${process.version}.cache`, script.createCachedData()));
