import {describe, expect, test} from '@jest/globals';
import {bindEnv, parseEnvLayer} from '@keelson/env';
import {expectFault} from '@keelson/test-kit';

// What the test suites of other tools hold them to, and what we do: the same, unless the title says why not. Lines that are no
// assignment are dropped by all of them; with `lenient` they are here, too, but not without a word.

const raw = String.raw;
const read = (text: string) => parseEnvLayer(text, {lenient: true});

describe('values', () => {
  test.each<[string, string, Record<string, string>]>([
    ['honcho: bare', 'FOO=bar\n', {FOO: 'bar'}],
    ['honcho: several, no newline at the end', 'FOO=bar\nBAZ=qux', {FOO: 'bar', BAZ: 'qux'}],
    ['honcho: a comment', '#commented: command\n', {}],
    ['honcho: single quotes hold double ones', `V='hello"world'\n`, {V: 'hello"world'}],
    ['honcho: double quotes hold single ones', `V="hello'world"\n`, {V: "hello'world"}],
    ['honcho: quotes inside of quotes', `V='"surrounded"'\n`, {V: '"surrounded"'}],
    ['honcho: escaped quotes round a value', raw`V=\"escaped\"`, {V: '"escaped"'}],
    ['honcho: an at sign', 'V=user@domain.com\n', {V: 'user@domain.com'}],
    ['honcho: punctuation', 'V=~pun|u@|0n$=\n', {V: '~pun|u@|0n$='}],
    ['honcho: unicode in a value', 'V=⋃ñᴉ—☪ó∂ǝ\n', {V: '⋃ñᴉ—☪ó∂ǝ'}],
    ['honcho: a blank in quotes', "V='sp ace'\n", {V: 'sp ace'}],
    [
      'single quotes are literal, as in foreman and dotenv (honcho reads \\n and \\t in them)',
      raw`T='foo\tbar'` + '\n' + raw`N='foo\nbar'` + '\n' + raw`D='foo\$bar'`,
      {T: raw`foo\tbar`, N: raw`foo\nbar`, D: raw`foo\$bar`},
    ],
    [
      'foreman: quoted values',
      `A="double quoted"\nB='single quoted'\n`,
      {A: 'double quoted', B: 'single quoted'},
    ],
    ['foreman: \\n in double quotes', raw`FOO="bar\nbaz"`, {FOO: 'bar\nbaz'}],
    ['foreman: escaped double quotes', raw`A="esc \"q\" end"`, {A: 'esc "q" end'}],
    ['foreman: CRLF', 'A=x\r\nB=y\r\n', {A: 'x', B: 'y'}],
    [
      'node-foreman: comments and lines of blanks',
      '### h\n   \n# n\nsetting = important\n   \n# D = H   \n',
      {setting: 'important'},
    ],
    ['node-foreman: empty', 'EMPTY=\nAB=""\n', {EMPTY: '', AB: ''}],
    [
      'node-foreman: quotes and comments',
      'key = "quoted#hash" \nkey2 = stripped#comment \nkey3 = base64=== \n',
      {key: 'quoted#hash', key2: 'stripped', key3: 'base64==='},
    ],
    [
      'node-foreman: JSON',
      '{"top":{"middle":{"bottom":"value"},"other":["zero","one","two"]},"last":42}',
      {TOP_MIDDLE_BOTTOM: 'value', TOP_OTHER_0: 'zero', TOP_OTHER_1: 'one', TOP_OTHER_2: 'two', LAST: '42'},
    ],
    ['JSON with null, at which node-foreman dies', '{"a":null,"b":true,"c":""}', {B: 'true', C: ''}],
    ['godotenv: export', 'export A=1\n', {A: '1'}],
    ['godotenv: a colon', 'A: y\n', {A: 'y'}],
    ['godotenv: a value over several lines', 'A="1\n2"\n', {A: '1\n2'}],
    ['dotenv: backticks', 'A=`it\'s "x"`\n', {A: 'it\'s "x"'}],
    ['dotenv: an apostrophe, at which honcho dies', "A=it's\n", {A: "it's"}],
    ['dotenv: a BOM', '\uFEFFA=1\n', {A: '1'}],
    ['dotenv: a comment behind quotes', 'A="v" # c\n', {A: 'v'}],
  ])('%s', (_title, text, expected) => {
    expect(read(text).values).toEqual(expected);
  });

  test.each<[string, string, number]>([
    ['honcho: a name in front of which there is a -', 'A=1\n-foo=command\n', 2],
    ['honcho: unicode in a name', 'A=1\nṀẎṾẠṚ=value\n', 2],
    ['godotenv: a line without =', '# x\n\nA\n', 3],
  ])('%s is dropped', async (_title, text, line) => {
    expect(Object.keys(read(text).values)).toEqual(text.startsWith('A') ? ['A'] : []);
    expect(read(text).warnings).toEqual([
      {kind: 'skipped', path: '.env', line, message: 'not NAME=value: the line is skipped'},
    ]);
    expect((await expectFault(() => parseEnvLayer(text), 'ENV_SYNTAX')).message).toBe(
      `.env:${line}: not NAME=value`,
    );
  });

  test('a quote that is not closed is an error that names the line, lenient or not', async () => {
    const fault = await expectFault(() => read('A="unbalanced\nB=2\n'), 'ENV_SYNTAX');
    expect(fault.message).toBe('.env:1: the quote " that opens here is not closed');
  });
});

describe('precedence', () => {
  test('foreman, honcho, node-foreman: a file beats the environment, a later file an earlier one, PATH too', () => {
    const environment = {name: 'process', values: {A: '0', PATH: '/bin', HOME: '/root'}};
    const bound = bindEnv([
      environment,
      parseEnvLayer('A=1\nB=1\nPATH=/x', {path: 'a'}),
      parseEnvLayer('B=2', {path: 'b'}),
    ]);
    expect(bound.values).toEqual({A: '1', B: '2', HOME: '/root', PATH: '/x'});
    expect(bound.origin).toEqual({A: 'a', B: 'b', HOME: 'process', PATH: 'a'});
  });
});

describe('what other tools read differently is warned about once, without the value', () => {
  test.each<[string, string, string]>([
    ['a # in a value', 'A=a#b', '# in the value of A starts a comment'],
    ['a # right behind the =', 'A=#b', '# in the value of A starts a comment'],
    ['\\n in double quotes', raw`A="x\ny"`, 'in the double quotes of A is a line break'],
    ['an escaped quote', raw`A="x\"y"`, 'in the double quotes of A stands for one character'],
    ['an escaped backslash', raw`A="x\\y"`, 'in the double quotes of A stands for one character'],
    ['escaped quotes round a value', raw`A=\"x\"`, 'round the value of A is read as quotes'],
    ['backticks', 'A=`x # $HOME`', 'backticks round the value of A are read as quotes'],
    ['text behind a quote', 'A="x" y', 'text goes on after the closing quote of A'],
    ['a reference', 'A=x$HOME', '$NAME in the value of A is kept as it is'],
    ['a reference in double quotes', 'A="x${HOME}"', '$NAME in the value of A is kept as it is'],
    ['an escaped dollar', raw`A="x\$HOME"`, raw`\$ in the value of A keeps its backslash`],
  ])('%s', (_title, text, message) => {
    const {warnings} = read(`# first\n${text}\n`);
    expect(warnings).toEqual([
      {kind: 'dialect', path: '.env', line: 2, message: expect.stringContaining(message)},
    ]);
  });

  test.each([
    'A=a # c',
    'A= # c',
    'A=x',
    "A='a#b $HOME \\n \\$'",
    'A="a#b"',
    'A=0n$= $1 $$',
    'A="back\\slash"',
    'export A="x" # c',
    'A=it\'s "x"',
    'A: y',
    'A="1\n2"',
  ])('%j is none of them', (text) => {
    expect(read(text).warnings).toEqual([]);
  });

  test('each once, with the other lines', () => {
    const text = Array.from({length: 8}, (_, index) => `A${index}=a#b`).join('\n');
    expect(read(`${text}\nB=$C`).warnings).toEqual([
      expect.objectContaining({
        line: 1,
        message: expect.stringMatching(/\(also in line 2, 3, 4, 5, 6, …\)$/),
      }),
      expect.objectContaining({line: 9}),
    ]);
  });

  test('a name that is set twice', () => {
    expect(read('A=1\nB=1\nA=2\nA=3').warnings).toEqual([
      {
        kind: 'duplicate',
        path: '.env',
        line: 3,
        message: 'A is already set in line 1: the last value counts',
      },
      {
        kind: 'duplicate',
        path: '.env',
        line: 4,
        message: 'A is already set in line 3: the last value counts',
      },
    ]);
  });
});
