import {expect, test} from '@jest/globals';

import {readPlainFlags, type PlainFlag} from '../dist/plain-flags.js';

const TABLE: PlainFlag[] = [
  {name: 'procfile', char: 'f', kind: 'string'},
  {name: 'env', char: 'e', kind: 'string', multiple: true, delimiter: ','},
  {name: 'port', char: 'p', kind: 'integer', min: 0, max: 65_535},
  {name: 'raw', char: 'r', kind: 'boolean'},
];

test.each([
  ['web=2 worker', {}, ['web=2', 'worker']],
  ['-f P --port=3000 -r web', {procfile: 'P', port: 3000, raw: true}, ['web']],
  ['-e a,b --env c', {env: ['a', 'b', 'c']}, []],
])('%s', (text, flags, words) => {
  expect(readPlainFlags(text.split(' '), TABLE)).toEqual({flags, words});
});

// Wrong, given twice, or written in a way that the parser of the commands knows better.
test.each([
  '--nope',
  '-x',
  '--port x',
  '--port 70000',
  '--port',
  '-f',
  '-f -r',
  '-f P -f Q',
  '-rf P',
  '-fP',
  '--raw=1',
  '--',
  '--help',
  '-e ,',
  '-r -r',
])('%s is left to the parser', (text) => {
  expect(readPlainFlags(text.split(' '), TABLE)).toBeUndefined();
});
