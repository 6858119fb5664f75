import {expect, test} from '@jest/globals';

import {readPlainFlags, type PlainFlag} from '../dist/plain-flags.js';

const TABLE: PlainFlag[] = [
  {name: 'tag', char: 't', kind: 'string', multiple: true},
  {name: 'format', kind: 'string', options: ['text', 'json'], default: 'text'},
  {name: 'max-line', kind: 'integer', min: 16, default: 65_536},
  {name: 'merge', kind: 'boolean'},
];

test.each([
  ['', {}],
  ['-t a --tag=b=c --tag é', {tag: ['a', 'b=c', 'é']}],
  ['--format json --merge --max-line=16', {format: 'json', merge: true, 'max-line': 16}],
])('%s', (text, flags) => {
  const words = text.split(' ').filter((word) => word !== '');
  expect(readPlainFlags(words, TABLE)).toEqual({format: 'text', 'max-line': 65_536, ...flags});
});

test.each([
  ['a word', 'cat'],
  ['the end of the flags', '-- cat'],
  ['a flag of another', '--to x'],
  ['a misspelled one', '--tags x'],
  ['a value that is missing', '--tag'],
  ['one that looks like a flag', '--tag -x'],
  ['one that sticks to its letter', '-ta'],
  ['none of the options', '--format xml'],
  ['too small', '--max-line 15'],
  ['no number', '--max-line 1e3'],
  ['a switch with a value', '--merge=yes'],
  ['given twice', '--format text --format json'],
  ['a switch given twice', '--merge --merge'],
])('%s is for the parser of the commands', (_title, text) => {
  expect(readPlainFlags(text.split(' '), TABLE)).toBeUndefined();
});
