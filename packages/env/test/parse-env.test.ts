import {describe, expect, test} from '@jest/globals';
import {parseEnv, serializeEnv, type EnvFault} from '@keelson/env';
import {expectFault} from '@keelson/test-kit';
import {parse as parseDotenv} from 'dotenv';
import fc from 'fast-check';

// Every code point but the surrogates; fast-check's own `binary` takes a second to make its table.
const codePoint = fc
  .integer({min: 0, max: 0x10ffff - 0x800})
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

describe('values', () => {
  test.each<[string, string, Record<string, string>]>([
    ['plain, no newline at the end', 'FOO=bar\nBAZ=qux', {FOO: 'bar', BAZ: 'qux'}],
    ['nothing', '', {}],
    [
      'comments and lines of blanks',
      '### heading\n   \n# note\nsetting = important\n   \n# DANGER = HIGH   \n# end \n',
      {setting: 'important'},
    ],
    [
      'a comment after a value',
      'key = "quoted#hash" \nkey2 = stripped#comment \nkey3 = base64=== \nkey4=a # b\nkey5="v" # c\nkey6=\'v\'#c',
      {key: 'quoted#hash', key2: 'stripped', key3: 'base64===', key4: 'a', key5: 'v', key6: 'v'},
    ],
    ['empty', 'A=\nAB= \nC=""\nD=\'\'\nE=# c', {A: '', AB: '', C: '', D: '', E: ''}],
    ['the last one wins', 'A=1\nA=2', {A: '2'}],
    ['indented, blanks around', '  A=x   \n\tB\t=\ty\t', {A: 'x', B: 'y'}],
    ['export', 'export A=1\n  export\tB="2"\nexport=3', {A: '1', B: '2', export: '3'}],
    ['with a colon, as dotenv', 'A: y\nB: "z w"', {A: 'y', B: 'z w'}],
    ['BOM', '\uFEFFA=1', {A: '1'}],
    ['CRLF', 'A=x\r\nB="y\r\nz"\r\n', {A: 'x', B: 'y\nz'}],
    [
      'quotes of the other kind',
      `A='a"b'\nB="a'b"\nC='"s"'\nD=\`a"'b\``,
      {A: 'a"b', B: "a'b", C: '"s"', D: `a"'b`},
    ],
    ['an apostrophe', "A=it's\nB='it's'", {A: "it's", B: "it's"}],
    [
      'JSON as a value',
      'A={"a": [1]}\nB="{"a":1}"\nC=\'{"a":1}\'',
      {A: '{"a": [1]}', B: '{"a":1}', C: '{"a":1}'},
    ],
    ['a quoted part of something longer', 'A="x" y\nB="x" "y"', {A: '"x" y', B: 'x" "y'}],
    ['escaped quotes', String.raw`A="esc \"q\" end"`, {A: 'esc "q" end'}],
    ['\\n and \\r in double quotes', String.raw`A="bar\nbaz\r"`, {A: 'bar\nbaz\r'}],
    ['\\n elsewhere', String.raw`A='l1\nl2'` + '\n' + String.raw`B=l1\nl2`, {A: 'l1\\nl2', B: 'l1\\nl2'}],
    ['an escaped backslash', String.raw`A="C:\\new\\"`, {A: 'C:\\new\\'}],
    [
      'other backslashes',
      String.raw`A="dollar \$B \d\t"` + '\n' + String.raw`B=back\slash` + '\n' + String.raw`C='C:\dir\'`,
      {
        A: '\\$B'.replace('', 'dollar ') + ' \\d\\t',
        B: 'back\\slash',
        C: 'C:\\dir\\',
      },
    ],
    ['nothing is expanded', 'A=$B-x\nB="${A}-y"\nC=$(id)', {A: '$B-x', B: '${A}-y', C: '$(id)'}],
    [
      'several lines',
      `A="l1\n# no comment\nB=no value\n l4 " # c\nC='1\n2'\nD=\`\n\``,
      {
        A: 'l1\n# no comment\nB=no value\n l4 ',
        C: '1\n2',
        D: '\n',
      },
    ],
    ['a quote is only escaped in double quotes', String.raw`A="a\\"` + '\nB=1', {A: 'a\\', B: '1'}],
    [
      'punctuation',
      'A=user@domain.com\nB=~pun|u@|0n$=\nC=postgres://u:p%40ss@h:5432/db?x=1&y=2',
      {
        A: 'user@domain.com',
        B: '~pun|u@|0n$=',
        C: 'postgres://u:p%40ss@h:5432/db?x=1&y=2',
      },
    ],
    ['unicode', 'A=⋃ñᴉ\nB="—☪ó∂ǝ"', {A: '⋃ñᴉ', B: '—☪ó∂ǝ'}],
    ['names with . and -', 'a.b=1\nc-d=2\n_=3', {'a.b': '1', 'c-d': '2', _: '3'}],
    ['names of JavaScript', 'constructor=1\ntoString=2', {constructor: '1', toString: '2'} as never],
  ])('%s', (_title, text, values) => {
    expect(parseEnv(text)).toEqual(values);
  });

  test('__proto__ is a name like any other', () => {
    expect(Object.entries(parseEnv('__proto__=1'))).toEqual([['__proto__', '1']]);
  });
});

describe('bad lines', () => {
  test.each<[string, string]>([
    ['A="unbalanced\nB=2\n', '.env:1: the quote " that opens here is not closed'],
    ['A="unbalanced\nB="2"\n', '.env:1: the quote " that opens here is not closed'],
    ["Z=1\nA='unbalanced\nB=2\n", ".env:2: the quote ' that opens here is not closed"],
    ['A=`x', '.env:1: the quote ` that opens here is not closed'],
    ['A="C:\\dir\\"\n', '.env:1: the quote " that opens here is not closed'],
    ['A=1\nB\n', '.env:2: not NAME=value'],
    ['A B=1', '.env:1: not NAME=value'],
    ['=1', '.env:1: not NAME=value'],
    ['-foo=command', '.env:1: not NAME=value'],
    ['1A=x', '.env:1: not NAME=value'],
    ['ṀẎ=x', '.env:1: not NAME=value'],
    ['A:y', '.env:1: not NAME=value'],
    ['A=\0', '.env:1: A holds a NUL character'],
    ['A="\n\0"', '.env:1: A holds a NUL character'],
  ])('%j', async (text, message) => {
    const fault = await expectFault(() => parseEnv(text), 'ENV_SYNTAX');
    expect(fault.message).toBe(message);
    expect(fault.hint).toContain('NAME=value');
  });

  test('every one is named at once, under the name of the file, without values', async () => {
    const fault = await expectFault(
      () => parseEnv('x secret\nA="s\nB\nC=1\n', {path: 'prod.env'}),
      'ENV_SYNTAX',
    );
    expect(fault.message).toBe(
      'prod.env:1: not NAME=value\nprod.env:2: the quote " that opens here is not closed\nprod.env:3: not NAME=value',
    );
  });

  test('any text gives values or an EnvFault', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'A=',
        'export ',
        '"',
        "'",
        '`',
        '\\',
        '\n',
        '\r\n',
        '#',
        ' ',
        'B: ',
        '{',
        '}',
        '\0',
        ':1',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 30}), (pieces) => {
        const text = pieces.join('');
        const outcome = attempt(text);
        expect(outcome).toMatch(/^ok$|^ENV_SYNTAX (\.env:\d+: [^\n]+\n?)+$|^ENV_SYNTAX (\.env: [^\n]+\n?)+$/);
      }),
      {numRuns: 1000},
    );
  });
});

function attempt(text: string): string {
  try {
    parseEnv(text);
    return 'ok';
  } catch (error) {
    const {code, message} = error as EnvFault;
    return `${code} ${message}`;
  }
}

test('what has no quotes reads as dotenv reads it', () => {
  const value = fc.string({
    unit: fc.constantFrom('a', ' ', '=', ':', '#', "'", '"', '`', '\\', '$', '\t', '{', 'é'),
  });
  fc.assert(
    fc.property(value, fc.constantFrom('A=', 'export A = ', 'A: ', ' A='), (text, head) => {
      fc.pre(!/^\s*(["'`]|\\".+\\"\s*(#|$))/.test(text));
      expect(parseEnv(head + text)).toEqual(parseDotenv(head + text));
    }),
    {numRuns: 1000},
  );
});

describe('JSON', () => {
  test.each<[string, string, Record<string, string>]>([
    ['null is left out', '{"a":null,"b":true,"c":""}', {B: 'true', C: ''}],
    [
      'nested, arrays, numbers',
      '\uFEFF {"top":{"middle":{"bottom":"value"},"other":["zero","one"]},"last":42,"pi":3.5,"no":false}\n',
      {
        TOP_MIDDLE_BOTTOM: 'value',
        TOP_OTHER_0: 'zero',
        TOP_OTHER_1: 'one',
        LAST: '42',
        PI: '3.5',
        NO: 'false',
      },
    ],
    ['empty', '{"a":{},"b":[]}', {}],
    ['camelCase only in capitals', '{"camelCase":"x"}', {CAMELCASE: 'x'}],
    ['several lines in a value', '{"a":"1\\n2"}', {A: '1\n2'}],
  ])('%s', (_title, text, values) => {
    expect(parseEnv(text)).toEqual(values);
  });

  test.each<[string, string]>([
    ['{"a":secret}', '.env:1: starts with { but is not valid JSON'],
    ['{\n"a":1,\n"b":secret\n}', '.env:3: starts with { but is not valid JSON'],
    ['{\n"a":1,\n}', '.env:3: starts with { but is not valid JSON'],
    ['{"a":1,\n"b":"x', '.env:2: starts with { but is not valid JSON'],
    ['{"a":1}\nA=1', '.env:2: starts with { but is not valid JSON'],
    ['{"a b":1}', '.env: "A B" is no name of a variable'],
    ['{"":1}', '.env: "" is no name of a variable'],
    ['{"a":{"b":1},"A_B":2}', '.env: two keys become A_B'],
    ['{"a":12345678901234567890}', '.env: A would be rounded: write the number as a string'],
    ['{"a":1e999}', '.env: A is larger than any number: write it as a string'],
    ['{"a":"\\u0000"}', '.env: A holds a NUL character'],
    [`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, '.env: a is nested deeper than 32 levels'],
  ])('%j', async (text, message) => {
    expect((await expectFault(() => parseEnv(text), 'ENV_SYNTAX')).message).toBe(message);
  });
});

describe('serializeEnv', () => {
  const NASTY = [
    [
      'abc',
      'a b  c',
      'trail  ',
      'line1\nline2',
      'a\r\nb',
      'say "hi"',
      'a"b\'c',
      '\'"`',
      'C:\\dir\\',
      '\\n\n"\'`',
    ],
    [
      '$HOME',
      '$$',
      '$(id)',
      '100%',
      '#x',
      'a #b',
      ';x',
      'a&b<c>"d\'',
      '&lt;&#10;',
      '<%= x %>',
      '012',
      '- a',
      '*a',
    ],
    [
      'postgres://u:p%40ss@h:5432/db?x=1&y=2#f',
      '|',
      '? x',
      '{a,b}',
      'żółć',
      '\u00a0',
      '\uFEFFx',
      '\u001b[31m',
    ],
    [
      'a\u0085b',
      'a\u2028b',
      '"quoted"',
      'a\n#b',
      ' ',
      '\t',
      'x\\\\',
      'x"',
      '',
      '\r',
      'a\nB=2',
      "it's",
      '"',
      '\\"',
    ],
    [
      '$(POD_IP)',
      '%(ENV_HOME)s %(x)d',
      'null',
      '@x',
      '&amp;',
      'EOF',
      '\\',
      '\\\\',
      '\\"x\\"',
      '${A:-b}',
      '\\$',
      '\n',
      '\n\n',
      'a\n',
    ],
    [
      '\ud800',
      '`',
      "``'",
      '"\n\'\n`',
      'export A=1',
      '{"a":1}',
      ' # ',
      'a\\\n',
      '\\r',
      '\u0001',
      'x'.repeat(10_000),
    ],
  ].flat();

  test('one line for each, bare where it can be', () => {
    // Backticks, which dotenv alone takes for quotes, only where no other quotes will do.
    expect(serializeEnv({A: 'x', B: 'a b', C: "it's", D: '1\n2', E: '', F: `it's "x"`})).toBe(
      `A=x\nB='a b'\nC="it's"\nD="1\\n2"\nE=\nF=\`it's "x"\`\n`,
    );
  });

  test('nasty values come back', () => {
    const values = Object.fromEntries(NASTY.map((value, index) => [`N${index}`, value]));
    expect(parseEnv(serializeEnv(values))).toEqual(values);
  });

  test('any value comes back, also among others', () => {
    const value = fc.oneof(
      fc.string({unit: codePoint}),
      fc.string({unit: fc.constantFrom('"', "'", '`', '\\', '\n', '\r', '#', ' ', '=', 'n', '$', '{')}),
    );
    const name = fc.stringMatching(/^[A-Za-z_][\w.-]{0,3}$/);
    fc.assert(
      fc.property(
        fc.dictionary(
          name,
          value.filter((text) => !text.includes('\0')),
        ),
        (values) => {
          expect(Object.entries(parseEnv(serializeEnv(values)))).toEqual(Object.entries(values));
        },
      ),
      {numRuns: 1000},
    );
  });

  test('dotenv reads the same, unless a value needs \\\\ or \\"', () => {
    fc.assert(
      fc.property(
        fc.string({unit: fc.constantFrom('"', "'", '`', '\n', '\r', '#', ' ', '=', 'n', '$', '{', 'é')}),
        (text) => {
          fc.pre(!(text.includes('"') && /[\n\r]/.test(text)) && !/'.*`|`.*'/s.test(text));
          expect(parseDotenv(serializeEnv({A: text, B: 'x'}))).toEqual({A: text, B: 'x'});
        },
      ),
      {numRuns: 1000},
    );
  });

  test.each<[Record<string, string>, string]>([
    [{'A B': 'x'}, '"A B" is no name of a variable'],
    [{'': 'x'}, '"" is no name of a variable'],
    [{'A=B': 'x'}, '"A=B" is no name of a variable'],
    [{A: '\0'}, 'A holds a NUL character'],
  ])('%j cannot be written', async (values, message) => {
    expect((await expectFault(() => serializeEnv(values), 'ENV_SYNTAX')).message).toBe(message);
  });
});
