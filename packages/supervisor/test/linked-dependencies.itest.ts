import {expect, test} from '@jest/globals';
import {testdir} from '@keelson/test-kit';
import {bench, get, serve} from './workloads.ts';

test.each(['main.cjs', 'main.mjs'])(
  'an app finds dependencies behind links, as pnpm installs them: %s',
  async (main) => {
    const serveIt = `http.createServer((request, response) => response.end(outer)).listen(process.env.PORT)`;
    await using directory = await testdir({
      'main.cjs': `const outer = require('outer'); const http = require('node:http'); ${serveIt}`,
      'main.mjs': `import outer from 'outer'; import http from 'node:http'; ${serveIt}`,
      'node_modules/outer': {link: '.store/outer/node_modules/outer'},
      'node_modules/.store/outer/node_modules/outer/index.js': `module.exports = require('inner')`,
      'node_modules/.store/outer/node_modules/inner/index.js': `module.exports = 'found'`,
    });
    await using b = await bench();
    const health = {path: '/', timeoutMs: 10_000};
    await serve(b, b.web({}, {cwd: directory.path, command: `node ${main}`, health}));
    expect(await get(b.port)).toBe('found');
  },
);
