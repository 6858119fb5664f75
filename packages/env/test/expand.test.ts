import {describe, expect, test} from '@jest/globals';
import {bindEnv, parseEnvLayer, type EnvFault} from '@keelson/env';
import {expectFault} from '@keelson/test-kit';
import fc from 'fast-check';

const layer = (text: string, path = '.env') => parseEnvLayer(text, {path, expand: true});
const expand = (...texts: string[]) =>
  bindEnv(texts.map((text, index) => layer(text, `${index}.env`))).values;

describe('references', () => {
  test.each<[string, string, Record<string, string>]>([
    ['$NAME and ${NAME}', 'A=1\nB=$A-x\nC="${A}y"\nD=${A}${A}', {B: '1-x', C: '1y', D: '11'}],
    ['before it is set', 'A=$B\nB=2', {A: '2'}],
    ['through others', 'A=$B\nB="<$C>"\nC=3', {A: '<3>'}],
    [
      'a default, for what is unset or empty',
      'A=${X:-d}\nB=${E:-d}\nE=\nC=${V:-d}\nV=v',
      {A: 'd', B: 'd', C: 'v'},
    ],
    [
      'a default with references',
      'A=${X:-${Y:-$V}}\nV=v\nB="${X:-a b}"\nC=${X:-}',
      {A: 'v', B: 'a b', C: ''},
    ],
    ['not in single quotes and backticks', "A='$V'\nB=`${V}`\nV=v", {A: '$V', B: '${V}'}],
    ['nor behind a backslash', 'A="\\$V ${V}"\nB=\\$V\nV=v', {A: '$V v', B: '$V'}],
    ['a backslash that is one', 'A="\\\\$V"\nV=v\nB=C:\\dir\\x$V', {A: '\\v', B: 'C:\\dir\\xv'}],
    ['escapes go on working', 'A="$V\\n\\"q\\" \\d"\nV=v', {A: 'v\n"q" \\d'}],
    ['any other $ is one', 'A=$ $1 $$ a$\nB="$(id) $-"\nC=0n$=', {A: '$ $1 $$ a$', B: '$(id) $-', C: '0n$='}],
    ['what a reference brings in is not read again', "A=$V\nV='$W ${X} \\'\nW=w", {A: '$W ${X} \\'}],
    ['over several lines', 'A="1\n$V\n"\nV=v', {A: '1\nv\n'}],
    ['a name ends where no letter, digit or _ follows', 'A=$V.x-$V_x\nV=v\nV_x=w', {A: 'v.x-w'}],
    ['the last of two', 'V=1\nA=$V\nV=2', {A: '2'}],
  ])('%s', (_title, text, expected) => {
    expect(expand(text)).toMatchObject(expected);
  });

  test('later files win, wherever a reference stands', () => {
    expect(expand('HOST=a\nURL=http://$HOST', 'HOST=b')).toEqual({HOST: 'b', URL: 'http://b'});
  });

  test('a name that refers to itself means the files before, then what is outside', () => {
    expect(expand('P=/bin', 'P=x:$P', 'P=y:$P')['P']).toBe('y:x:/bin');
    const process = {name: 'process', values: {PATH: '/bin', RAW: '$PATH'}};
    expect(bindEnv([process, layer('PATH=/x:$PATH')]).values).toEqual({PATH: '/x:/bin', RAW: '$PATH'});
    expect(bindEnv([layer('PATH=/x:$PATH')], {outer: {PATH: '/out', OTHER: 'o'}}).values).toEqual({
      PATH: '/x:/out',
    });
    expect(expand('A=${A:-d}')['A']).toBe('d');
  });

  test('nothing is expanded that was not read so', () => {
    const plain = parseEnvLayer('A=$B\nB=1');
    expect(bindEnv([plain]).values['A']).toBe('$B');
  });

  test('JSON is taken as it is', () => {
    expect(expand('{"a": "$B", "b": 1}')).toEqual({A: '$B', B: '1'});
  });

  test('what nothing sets is empty, with a warning that shows nothing of the value', () => {
    const {values, warnings} = bindEnv([layer('V=1\nPASSWORD=pa$word')]);
    expect(values['PASSWORD']).toBe('pa');
    expect(warnings).toEqual([
      {
        kind: 'unset',
        path: '.env',
        line: 2,
        message: 'a reference in the value of PASSWORD is set nowhere: it is empty',
      },
    ]);
  });
});

describe('what is refused', () => {
  const deep = `A=${'${A:-'.repeat(100)}x${'}'.repeat(100)}`;
  const laughs = `A0=${'x'.repeat(1000)}\n${Array.from({length: 40}, (_, i) => `A${i + 1}=$A${i}$A${i}`).join('\n')}`;
  const long = Array.from({length: 2000}, (_, i) => `A${i}=$A${i + 1}`).join('\n');

  test.each<[string, string]>([
    ['A=$A', '.env:1: A refers to itself, and nothing before sets it'],
    [
      '# x\nA=$B\nB=$C\nC=$A\nD=$A',
      '.env:2: A → .env:3: B → .env:4: C → .env:2: A: the values refer to each other in a circle',
    ],
    ['A=${B:-$C}\nC=$A', '.env:1: A → .env:2: C → .env:1: A: the values refer to each other in a circle'],
    ['A=${', '.env:1: A: ${ is followed by neither NAME} nor NAME:-default}'],
    ['A=${B', '.env:1: A: ${ is followed by neither'],
    ['A=${B-x}', '.env:1: A: ${ is followed by neither'],
    ['A="${B:-x"', '.env:1: A: ${ is followed by neither'],
    ['A=${}', '.env:1: A: ${ is followed by neither'],
    ['A=${1}', '.env:1: A: ${ is followed by neither'],
    [deep, '.env:1: A: ${…} is nested deeper than 32 levels'],
    [laughs, 'becomes longer than 1048576 characters'],
    [long, 'refers to others through more than 500 names'],
  ])('%.60j', async (text, message) => {
    const fault = await expectFault(() => bindEnv([layer(text)]), 'ENV_REFERENCE');
    expect(fault.message).toContain(message);
    expect(fault.hint).toContain('${NAME:-default}');
  });

  test('one circle is told once, over files', async () => {
    const fault = await expectFault(() => expandTwo(), 'ENV_REFERENCE');
    expect(fault.message).toBe(
      'a.env:1: A → b.env:2: B → a.env:1: A: the values refer to each other in a circle',
    );
  });
  const expandTwo = () => bindEnv([layer('A=$B', 'a.env'), layer('\nB=$A', 'b.env')]);
});

function attempt(text: string): {readonly code?: string; readonly values?: Readonly<Record<string, string>>} {
  try {
    return {values: expand(text)};
  } catch (error) {
    return {code: (error as EnvFault).code};
  }
}

test('any text is expanded or refused, and a text without $ stays', () => {
  const piece = fc.constantFrom(
    'A=',
    'B=',
    '$A',
    '${B}',
    '${A:-',
    '}',
    '$',
    '\\',
    '"',
    "'",
    '\n',
    'x',
    '{',
    ':-',
    '\\$',
  );
  fc.assert(
    fc.property(fc.array(piece, {maxLength: 25}), (pieces) => {
      const text = pieces.join('');
      const {code, values} = attempt(text);
      expect([undefined, 'ENV_SYNTAX', 'ENV_REFERENCE']).toContain(code);
      const plain = code === undefined && !text.includes('$');
      expect(values).toEqual(plain ? bindEnv([parseEnvLayer(text)]).values : values);
    }),
    {numRuns: 2000},
  );
});
