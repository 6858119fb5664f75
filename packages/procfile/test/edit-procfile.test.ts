import {describe, expect, test} from '@jest/globals';
import {
  editProcfile,
  parseProcfile,
  parseProcfileDocument,
  procfileWarnings,
  serializeProcfile,
  type ProcfileEdits,
} from '@keelson/procfile';
import {expectFault} from '@keelson/test-kit';
import fc from 'fast-check';

const edit = (text: string, edits: ProcfileEdits) =>
  serializeProcfile(editProcfile(parseProcfileDocument(text), edits));

const pairs = (text: string) => parseProcfile(text).types.map(({name, command}) => [name, command] as const);

const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,4}$/);
const command = fc
  .string({unit: fc.constantFrom('a', ' ', ':', '#', '\\', '"', '\t', 'é', '='), minLength: 1})
  .map((text) => text.trim())
  .filter((text) => text !== '');
const procfile = fc
  .record({
    bom: fc.constantFrom('', '\uFEFF'),
    lines: fc.uniqueArray(
      fc.oneof(
        fc.tuple(name, fc.constantFrom(':', ': ', ':\t', ':  '), command).map((parts) => parts.join('')),
        fc.constantFrom('', ' ', '# a: b', '\t# c', '#'),
      ),
      {selector: (line) => (/^\s*(#|$)/.test(line) ? {} : line.split(':')[0])},
    ),
    end: fc.constantFrom('\n', '\r\n'),
    last: fc.constantFrom('', '\n', '\r\n', '\r'),
  })
  .map(({bom, lines, end, last}) => bom + lines.join(end) + last);

describe('serializeProcfile', () => {
  test('gives back what was parsed, byte for byte', () => {
    fc.assert(
      fc.property(procfile, (text) => {
        expect(serializeProcfile(parseProcfileDocument(text))).toBe(text);
      }),
      {numRuns: 500},
    );
  });

  test('a document is plain JSON', () => {
    const document = parseProcfileDocument('\uFEFF# c\r\n\r\nweb:\tx \r\nworker: y');
    expect(JSON.parse(JSON.stringify(document))).toEqual({
      kind: 'procfile-document',
      bom: true,
      lines: [
        {text: '# c', end: '\r\n'},
        {text: '', end: '\r\n'},
        {text: 'web:\tx ', end: '\r\n', type: {name: 'web', command: 'x', line: 3}},
        {text: 'worker: y', end: '', type: {name: 'worker', command: 'y', line: 4}},
      ],
    });
  });
});

describe('editProcfile', () => {
  const before = '\uFEFF# the site\r\nweb:\tnode .\r\n\r\n# jobs\r\nworker:  node worker.js';

  test.each<[string, ProcfileEdits, string]>([
    ['nothing', {}, before],
    [
      'a command is replaced in its place, with the blanks before it',
      {set: {web: 'npm start'}},
      before.replace('node .', 'npm start'),
    ],
    [
      'a new type comes last, with the line end of the file',
      {set: {clock: 'node clock.js '}},
      `${before}\r\nclock: node clock.js\r\n`,
    ],
    [
      'a type goes, its comment stays',
      {remove: ['worker', 'unknown']},
      '\uFEFF# the site\r\nweb:\tnode .\r\n\r\n# jobs\r\n',
    ],
    [
      'several at once',
      {remove: ['web'], set: {worker: 'x', a: 'y'}},
      '\uFEFF# the site\r\n\r\n# jobs\r\nworker:  x\r\na: y\r\n',
    ],
    [
      'what is set stays, though it is removed',
      {remove: ['web'], set: {web: 'x'}},
      before.replace('node .', 'x'),
    ],
  ])('%s', (_title, edits, after) => {
    expect(edit(before, edits)).toBe(after);
  });

  test('into nothing', () => {
    expect(edit('', {set: {web: 'x', worker: 'y'}})).toBe('web: x\nworker: y\n');
  });

  test('lines are counted anew', () => {
    const {lines} = editProcfile(parseProcfileDocument('a: 1\nb: 2\n'), {remove: ['a'], set: {c: '3'}});
    expect(lines.map(({type}) => type?.line)).toEqual([1, 2]);
  });

  test.each<[Record<string, string>, string]>([
    [{'a b': 'x'}, '"a b" cannot be set'],
    [{'': 'x'}, '"" cannot be set'],
    [{'#a': 'x'}, '"#a" cannot be set: it is no name'],
    [{' a': 'x'}, '" a" cannot be set: blanks before the name'],
    [{'a: b': 'x'}, '"a: b" cannot be set: it is no name'],
    [{a: ' '}, '"a" cannot be set: a has no command'],
    [{a: 'x\nb: y'}, '"a" cannot be set: is more than one line'],
    [{a: 'x\ry'}, '"a" cannot be set: holds a carriage return'],
    [{a: 'x\0'}, '"a" cannot be set: holds a NUL character'],
  ])('%j cannot be written', async (set, message) => {
    expect((await expectFault(() => edit('a: 1\n', {set}), 'PROCFILE_SYNTAX')).message).toContain(message);
  });

  test('what is set is read back, what is removed is gone, everything else stays', () => {
    fc.assert(
      fc.property(procfile, name, command, name, (text, set, to, remove) => {
        const after = new Map(pairs(edit(text, {set: {[set]: to}, remove: [remove]})));
        const expected = new Map(pairs(text));
        expected.delete(remove);
        expect(after.get(set)).toBe(to.replace(/(?<!\\)[ \t]+$/, ''));
        expect(new Map([...after].filter(([one]) => one !== set))).toEqual(
          new Map([...expected].filter(([one]) => one !== set)),
        );
        const comments = (lines: string) =>
          lines
            .replace('\uFEFF', '')
            .split(/\r?\n|\r$/)
            .filter((line) => /^\s*#/.test(line));
        expect(comments(edit(text, {set: {[set]: to}, remove: [remove]}))).toEqual(comments(text));
      }),
      {numRuns: 500},
    );
  });
});

describe('procfileWarnings', () => {
  test.each<[string, string[]]>([
    ['web: x\nworker: y \\z \\\\', []],
    ['# web: x', ['Procfile:1: no processes defined']],
    [
      'web: node . \\\nworker: y',
      ['Procfile:1: the command of web ends in \\: a Procfile has no continuation'],
    ],
    [
      'web: x\nWeb: y\nWEB: z',
      ['Procfile:2: Web and web differ only', 'Procfile:3: WEB and web differ only'],
    ],
    ['all: x', ['Procfile:1: a formation cannot tell the process all from all=N']],
    ['-web: x', ['Procfile:1: a command line takes -web for a flag']],
    [
      '# see\nhttp://localhost/',
      ['Procfile:2: http is taken for a process, though the line looks like a URL'],
    ],
  ])('%j', (text, messages) => {
    const warnings = procfileWarnings(parseProcfile(text));
    expect(warnings.map(({path, line, message}) => `${path}:${line}: ${message}`)).toEqual(
      messages.map((message) => expect.stringContaining(message)),
    );
  });
});
