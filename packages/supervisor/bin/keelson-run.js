#!/usr/bin/env node
// CommonJS, as package.json beside it says: Node's loader of ES modules would stay in memory as long as the supervisor.
void require('./begin.js').begin(__filename, process.argv.slice(2));
