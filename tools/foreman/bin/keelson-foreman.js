#!/usr/bin/env node
// CommonJS, as package.json beside it says: until Node's ES modules are ready, `start` can be at its first line.
void require('./begin.js').begin(__filename, process.argv.slice(2));
