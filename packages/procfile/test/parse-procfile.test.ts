import {symlink} from 'node:fs/promises';

import {describe, expect, test} from '@jest/globals';
import {parseProcfile, readProcfile, requireTypes, type ProcfileFault} from '@keelson/procfile';
import {expectFault, testdir} from '@keelson/test-kit';
import fc from 'fast-check';

const pairs = (text: string) => parseProcfile(text).types.map(({name, command}) => [name, command]);

const attempt = (text: string) => {
  try {
    return {types: parseProcfile(text).types};
  } catch (error) {
    return {types: [], fault: error as ProcfileFault};
  }
};

describe('lines', () => {
  test.each<[string, string, string[][]]>([
    [
      'blanks and tabs after the colon, comments, blank lines, order kept',
      'alpha: ./alpha\n\nbravo:\t./bravo\nfoo_bar: \t ./foo_bar\nfoo-bar:./foo-bar\n# baz: ./baz\n',
      [
        ['alpha', './alpha'],
        ['bravo', './bravo'],
        ['foo_bar', './foo_bar'],
        ['foo-bar', './foo-bar'],
      ],
    ],
    ['only comments is no type', '#commented: command\n', []],
    ['nothing is no type', '', []],
    ['a name may start with -', '-foo_bar: command\n', [['-foo_bar', 'command']]],
    ['and be a number', '1: one', [['1', 'one']]],
    ['indented comment', '  # comment: x\n\t# y\na: echo\n', [['a', 'echo']]],
    ['line of blanks', '   \n\t\na: echo\n \t ', [['a', 'echo']]],
    ['BOM', '\uFEFFa: echo\n', [['a', 'echo']]],
    [
      'CRLF',
      'a: x\r\n\r\n# c\r\nb: y\r\n',
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
    ],
    ['a carriage return at the end', 'a: x\r', [['a', 'x']]],
    ['a separator that is not of lines', 'a: x\u2028y', [['a', 'x\u2028y']]],
    ['no newline at the end', 'web: node .', [['web', 'node .']]],
    ['trailing blanks', 'a: x \t\n', [['a', 'x']]],
    ['an escaped blank at the end stays', 'a: x\\ \n', [['a', 'x\\ ']]],
    [
      'the shell does the rest',
      `web: FOO="a b" sh -c 'echo $X # no' >/dev/null 2>&1 && x: y \\`,
      [['web', `FOO="a b" sh -c 'echo $X # no' >/dev/null 2>&1 && x: y \\`]],
    ],
    [
      'names of JavaScript',
      '__proto__: a\nconstructor: b\n',
      [
        ['__proto__', 'a'],
        ['constructor', 'b'],
      ],
    ],
    ['unicode in a command', 'web: echo ⋃ñᴉ', [['web', 'echo ⋃ñᴉ']]],
  ])('%s', (_title, text, expected) => {
    expect(pairs(text)).toEqual(expected);
  });

  test('a type knows its line', () => {
    expect(parseProcfile('\n# x\r\nweb: a\n\nworker: b').types.map(({line}) => line)).toEqual([3, 5]);
  });
});

describe('bad lines', () => {
  test.each<[string, string, string]>([
    ['+foo: command', 'PROCFILE_SYNTAX', 'Procfile:1: "+foo" is no name'],
    ['web : command', 'PROCFILE_SYNTAX', 'Procfile:1: "web " is no name'],
    ['wéb: command', 'PROCFILE_SYNTAX', 'Procfile:1: "wéb" is no name'],
    ['a: x\n  web: command', 'PROCFILE_SYNTAX', 'Procfile:2: blanks before the name: "  web: command"'],
    ['a: x\n\nnode server.js', 'PROCFILE_SYNTAX', 'Procfile:3: not `name: command`: "node server.js"'],
    [': x', 'PROCFILE_SYNTAX', 'Procfile:1: not `name: command`'],
    ['web:', 'PROCFILE_SYNTAX', 'Procfile:1: web has no command'],
    ['web: \t\r\n', 'PROCFILE_SYNTAX', 'Procfile:1: web has no command'],
    ['web: a\0b', 'PROCFILE_SYNTAX', 'Procfile:1: holds a NUL character: "web: a\\u0000b"'],
    ['web: a\rapi: b', 'PROCFILE_SYNTAX', 'Procfile:1: holds a carriage return that ends no line'],
    ['a: x\r\r\nb: y', 'PROCFILE_SYNTAX', 'Procfile:1: holds a carriage return'],
    ['a: 1\nb: 2\na: 3', 'PROCFILE_DUPLICATE', 'Procfile:3: a is already defined in line 1'],
    [`${'x'.repeat(200)}`, 'PROCFILE_SYNTAX', `"${'x'.repeat(60)}…"`],
  ])('%j', async (text, code, message) => {
    const fault = await expectFault(() => parseProcfile(text), code);
    expect(fault.message).toContain(message);
    expect(fault.hint).toBeDefined();
  });

  test('every one is named at once, under the name of the file', async () => {
    const fault = await expectFault(
      () => parseProcfile('x\na: 1\na: 2\ny', {path: 'dev/Procfile'}),
      'PROCFILE_SYNTAX',
    );
    expect(fault.message.split('\n').map((line) => line.split(': ')[0])).toEqual([
      'dev/Procfile:1',
      'dev/Procfile:3',
      'dev/Procfile:4',
    ]);
  });

  test('a file of nothing else is told in a message that can be read', async () => {
    const fault = await expectFault(() => parseProcfile('x\n'.repeat(100_000)), 'PROCFILE_SYNTAX');
    expect(fault.message.split('\n')).toHaveLength(101);
    expect(fault.message).toMatch(/Procfile: and 99900 more bad lines$/);
  });

  test('many types are no trouble', () => {
    const text = Array.from({length: 100_000}, (_, index) => `t${index}: x\n`).join('');
    expect(parseProcfile(text).types).toHaveLength(100_000);
  });

  test('any text gives types or a ProcfileFault, and what it gives is well formed', () => {
    const line = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.stringMatching(/^[\w-]{1,5}$/), fc.constantFrom(':', ': ', ' :', ''), fc.string())
        .map((x) => x.join('')),
      fc.constantFrom('', '#', ' # c', '\uFEFF', '\t', '\0'),
    );
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        const {types, fault} = attempt(lines.join(end));
        expect(
          types.every(({name, command}) => /^[A-Za-z0-9_-]+$/.test(name) && /^[^\n\r\0]+$/.test(command)),
        ).toBe(true);
        expect(fault?.code ?? 'PROCFILE_SYNTAX').toMatch(/^PROCFILE_(SYNTAX|DUPLICATE)$/);
        expect(fault?.message ?? 'Procfile:1: x').toMatch(/^(Procfile:\d+: [^\n]+\n?)+$/);
      }),
    );
  });
});

test('requireTypes', async () => {
  const procfile = parseProcfile('a: b');
  expect(requireTypes(procfile)).toBe(procfile);
  expect((await expectFault(() => requireTypes(parseProcfile('')), 'PROCFILE_EMPTY')).message).toContain(
    'no processes defined',
  );
});

describe('readProcfile', () => {
  const startScript = JSON.stringify({scripts: {start: 'node .'}});

  test('reads the Procfile, whatever package.json says', async () => {
    await using dir = await testdir({Procfile: 'a: b\n', 'package.json': startScript});
    expect(await readProcfile(dir.path)).toEqual({
      kind: 'procfile',
      types: [{name: 'a', command: 'b', line: 1}],
    });
  });

  test.each(['', '\uFEFF'])('npm start where there is none (BOM: %j)', async (bom) => {
    await using dir = await testdir({'package.json': bom + startScript});
    expect((await readProcfile(dir.path)).types).toEqual([{name: 'web', command: 'npm start', line: 0}]);
  });

  test.each<[string, Record<string, string | Buffer>, string, string]>([
    ['nothing', {}, 'PROCFILE_MISSING', 'Procfile does not exist.'],
    ['no start script', {'package.json': '{"scripts":{}}'}, 'PROCFILE_MISSING', 'Procfile does not exist.'],
    ['package.json is broken', {'package.json': '{'}, 'PROCFILE_MISSING', 'Procfile does not exist.'],
    ['package.json is null', {'package.json': 'null'}, 'PROCFILE_MISSING', 'Procfile does not exist.'],
    [
      'malformed is not passed over',
      {Procfile: 'x', 'package.json': startScript},
      'PROCFILE_SYNTAX',
      'Procfile:1:',
    ],
    [
      'nor is an empty one',
      {Procfile: '# a: b\n', 'package.json': startScript},
      'PROCFILE_EMPTY',
      'no processes defined',
    ],
    [
      'nor a directory',
      {'Procfile/x': '', 'package.json': startScript},
      'PROCFILE_MISSING',
      'is a directory',
    ],
    [
      'UTF-16',
      {Procfile: Buffer.from('\uFEFFweb: x', 'utf16le')},
      'PROCFILE_SYNTAX',
      'Procfile:1: not UTF-8',
    ],
    [
      'UTF-16 without a BOM',
      {Procfile: Buffer.from('web: x', 'utf16le')},
      'PROCFILE_SYNTAX',
      'Procfile:1: holds a NUL character',
    ],
    [
      'Latin-1 names its line',
      {Procfile: Buffer.from('a: b\nweb: echo é\n', 'latin1')},
      'PROCFILE_SYNTAX',
      'Procfile:2: not UTF-8 text',
    ],
    ['far too large', {Procfile: '#'.repeat(1024 * 1024 + 1)}, 'PROCFILE_SYNTAX', 'larger than'],
  ])('%s', async (_title, tree, code, message) => {
    await using dir = await testdir(tree);
    expect((await expectFault(readProcfile(dir.path), code)).message).toContain(message);
  });

  test('a file that is named has no fallback', async () => {
    await using dir = await testdir({'package.json': startScript, 'a/dev': 'x: y', bad: 'x'});
    expect((await readProcfile(dir.path, {file: 'a/dev'})).types[0]?.name).toBe('x');
    expect((await expectFault(readProcfile(dir.path, {file: 'b'}), 'PROCFILE_MISSING')).message).toBe(
      'b does not exist.',
    );
    expect(
      (await expectFault(readProcfile(dir.path, {file: dir.at('bad')}), 'PROCFILE_SYNTAX')).message,
    ).toContain(`${dir.at('bad')}:1:`);
  });

  test('a link to nowhere is a Procfile that is wrong, not one that is missing', async () => {
    await using dir = await testdir({'package.json': startScript});
    await symlink('gone', dir.at('Procfile'));
    expect((await expectFault(readProcfile(dir.path), 'PROCFILE_MISSING')).message).toBe(
      'Procfile is a link to a file that does not exist.',
    );
  });

  test('a file without end is too large', async () => {
    expect((await expectFault(readProcfile('/', {file: 'dev/zero'}), 'PROCFILE_SYNTAX')).message).toContain(
      'larger than',
    );
  });

  test('an aborted signal rejects with its reason', async () => {
    const reason = {};
    await expect(readProcfile('.', {signal: AbortSignal.abort(reason)})).rejects.toBe(reason);
  });
});
