import {Readable} from 'node:stream';

import {describe, expect, test} from '@jest/globals';
import {createTagger, type Level, type TaggerOptions, type TaggerSource} from '@keelson/log-tagger';
import {expectFault} from '@keelson/test-kit';
import fc from 'fast-check';

import {chunked, KeepingSink, lengths, pieces} from './keeping-sink.ts';

type Options = Omit<TaggerOptions, 'sink'> & Omit<Partial<TaggerSource>, 'stream'>;

async function tagged(input: string | readonly Uint8Array[], options: Options = {}): Promise<string> {
  const {tag = 'web.1', kind, fields, ...rest} = options;
  const sink = new KeepingSink();
  const tagger = createTagger({timestamps: 'none', ...rest, sink});
  const stream = Readable.from(typeof input === 'string' ? [Buffer.from(input)] : input, {objectMode: false});
  await tagger.attach({tag, kind, fields, stream});
  await tagger.close();
  return sink.text;
}

const json = (input: string, options: Options = {}) => tagged(input, {format: 'json', ...options});

describe('fields', () => {
  test.each<[string, Options, string, string]>([
    ['several tags', {tag: ['web.1', 'eu']}, 'web.1 eu a', '{"tag":["web.1","eu"],"msg":"a"}'],
    ['empty ones are none', {tag: ['', 'eu', '']}, 'eu a', '{"tag":"eu","msg":"a"}'],
    [
      'a pid and a worker',
      {fields: {pid: 17, worker: 1, instance: 'web.1'}},
      'web.1 pid=17 worker=1 instance=web.1 a',
      '{"tag":"web.1","pid":17,"worker":1,"instance":"web.1","msg":"a"}',
    ],
    [
      'values that need quotes',
      {tag: '', fields: {a: 'b c', d: '', e: '"', f: 'é$&'}},
      'a="b c" d="" e="\\"" f=é$& a',
      '{"a":"b c","d":"","e":"\\"","f":"é$&","msg":"a"}',
    ],
  ])('%s', async (_title, options, text, object) => {
    expect(await tagged('a\n', options)).toBe(`${text}\n`);
    expect(await json('a\n', options)).toBe(`${object}\n`);
  });

  test.each(['', 'a b', 'a=b', '1', 'a"', 'é', 'msg', 'time', 'level', 'tag', 'cut', 'dropped', 'stream'])(
    'the name %j is refused',
    async (name) => {
      const fault = await expectFault(tagged('', {fields: {[name]: 1}}), 'TAGGER_OPTIONS');
      expect(fault.message).toContain('field');
    },
  );
});

describe("a JSON line's own fields win", () => {
  const options: Options = {timestamps: 'epoch', kind: 'err', fields: {pid: 1, 'a.b': 2}};
  const time = expect.any(Number);
  const ours = {tag: 'web.1', time, stream: 'err', pid: 1, 'a.b': 2};

  test.each<[string, string, object]>([
    ['none of ours', '{"x":1}', {...ours, x: 1}],
    ['pid', '{"pid":7}', {...ours, pid: 7}],
    ['pino', '{"level":30,"time":5,"pid":7,"msg":"x"}', {...ours, level: 30, time: 5, pid: 7, msg: 'x'}],
    [
      'winston',
      '{"level":"info","message":"x","timestamp":"now"}',
      {level: 'info', message: 'x', timestamp: 'now'},
    ],
    [
      'all of them, elsewhere',
      '{"x":{"y":[{"time":1}]},"a.b":1,"tag":2,"stream":3,"pid":4,"ts":5}',
      {x: {y: [{time: 1}]}, 'a.b': 1, tag: 2, stream: 3, pid: 4, ts: 5},
    ],
    ['inside of another object they are others', '{"x":{"time":1,"pid":2}}', {...ours, x: {time: 1, pid: 2}}],
    ['inside of a text, too', String.raw`{"x":"\"time\":1,\"pid\":"}`, {...ours, x: '"time":1,"pid":'}],
    ['as the end of another name', String.raw`{"a\"pid":1,"xpid":2}`, {...ours, 'a"pid': 1, xpid: 2}],
    ['in other words', String.raw`{"p\u0069d":7}`, {...ours, pid: 7}],
    ['with blanks', ' { "pid" : 7 } ', {...ours, pid: 7}],
  ])('%s', async (_title, line, expected) => {
    // The second time it is known what such lines look like.
    const lines = (await json(`${line}\n${line}\nx\n${line}\n`, options)).split('\n').slice(0, -1);
    expect(lines).toHaveLength(4);
    for (const index of [0, 1, 3]) {
      const {time: at, ...object} = JSON.parse(lines[index]!) as Record<string, unknown>;
      const {tag, time: _, stream, pid, ...wanted} = expected as Record<string, unknown>;
      const all = 'timestamp' in wanted ? {...ours, ...wanted} : expected;
      const {time: __, ...rest} = all as Record<string, unknown>;
      expect(object).toEqual(rest);
      expect([tag, stream, pid, at]).toBeDefined();
      expect(keysOf(lines[index]!)).toEqual([...new Set(keysOf(lines[index]!))]);
    }
  });

  test('an own time of any name leaves ours out', async () => {
    for (const name of ['time', 'timestamp', '@timestamp', 'ts'])
      expect(await json(`{"${name}":"x"}\n`, {timestamps: 'iso'})).toBe(`{"tag":"web.1","${name}":"x"}\n`);
  });

  test.each<[string, string]>([
    ['trailing text', '{"a":1} x'],
    ['two objects', '{"a":1}{"b":2}'],
    ['two objects and a comma', '{"a":1},{"b":2}'],
    ['a brace too many', '{"a":1}}'],
    ['one too few', '{"a":{"b":1}'],
    ['no value', '{"a"} {b}'],
    ['a text that does not end', '{"a":"}'],
    ['a bad escape', String.raw`{"a":"\x"}`],
    ['a tab in a text', '{"a":"\t"}'],
    ['a comma at the end', '{"a":1,}'],
    ['a number with a zero', '{"a":01}'],
    ['a word', '{"a":undefined}'],
    ['another quote', "{'a':1}"],
  ])('%s is not an object', async (_title, line) => {
    const good = '{"a":1}';
    const lines = (await json(`${good}\n${line}\n${good}\n`)).split('\n').slice(0, -1);
    expect(lines.map((one) => JSON.parse(one) as unknown)).toEqual([
      {tag: 'web.1', a: 1},
      {tag: 'web.1', msg: line},
      {tag: 'web.1', a: 1},
    ]);
  });

  test('bytes that are not UTF-8 inside of an object', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":"é'),
      Buffer.from([0xff, 0xe2, 0x82]),
      Buffer.from('"}\n'),
    ]);
    expect(await tagged([bytes], {format: 'json'})).toBe('{"tag":"web.1","a":"é\\\\xff\\\\xe2\\\\x82"}\n');
  });

  test('an object with very many fields, or very deep', async () => {
    const wide = `{${Array.from({length: 200_000}, (_, index) => `"k${index}":${index}`).join(',')}}`;
    const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    const output = await json(`{"a":1}\n${wide}\n${deep}\n`, {maxLineBytes: Infinity});
    expect(output).toBe(['{"a":1}', wide, deep, ''].join('\n').replace(/^\{/gm, '{"tag":"web.1",'));
  });

  test('ever deeper objects, then flat ones again', async () => {
    const nested = (depth: number): unknown =>
      depth === 0 ? 1 : depth % 2 ? [nested(depth - 1)] : {a: nested(depth - 1)};
    const depths = [0, 0, 1, 0, 2, 1, 3, 5, 0, 3, 2, 1, 0];
    const lines = depths.map((depth) => JSON.stringify({x: nested(depth), pid: depth}));
    const output = await json(`${lines.join('\n')}\n`, options);
    const {pid: _, ...others} = ours;
    for (const [index, line] of output.split('\n').slice(0, -1).entries())
      expect(JSON.parse(line)).toEqual({...others, ...(JSON.parse(lines[index]!) as object)});
  });

  test('blanks around an object', async () => {
    expect(await json('\r\t {\r\t "a":1}\r\t \n')).toBe('{"tag":"web.1",\r\t "a":1}\r\t \n');
  });

  test('ever new shapes', async () => {
    const names = ['pid', 'time', 'tag', 'a.b'];
    const lines = Array.from({length: 200}, (_, index) => {
      const picked = names.toSorted((a, b) => ((index * 7) % a.length) - ((index * 5) % b.length));
      return `{${picked
        .slice(index % 5)
        .map((name) => `"${name}":${index}`)
        .concat('"x":1')
        .join(',')}}`;
    });
    const output = (await json(`${lines.join('\n')}\n`, options)).split('\n').slice(0, -1);
    for (const [index, line] of output.entries()) {
      expect(JSON.parse(line)).toEqual({...ours, ...(JSON.parse(lines[index]!) as object)});
      expect(new Set(keysOf(line)).size).toBe(keysOf(line).length);
    }
  });

  test('whatever comes in: each line is JSON, no name comes twice that did not before, and an object is all there', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, lengths, async (input, cuts) => {
        const output = await tagged(chunked(input, cuts), {...options, format: 'json'});
        const before = Buffer.from(input).toString('utf8').replace(/\n$/, '').split('\n');
        const after = output.split('\n').slice(0, -1);
        expect(after).toHaveLength(input.length === 0 ? 0 : before.length);
        for (const [index, line] of after.entries()) {
          const object = JSON.parse(line) as Record<string, unknown>;
          const own = objectOf(before[index]!);
          const message = {msg: expect.any(String)};
          expect(object).toMatchObject(own && !before[index]!.includes('\uFFFD') ? {...own} : message);
          const keys = own ? [] : keysOf(line);
          expect(new Set(keys).size).toBe(keys.length);
        }
      }),
      {numRuns: 500},
    );
  });
});

describe('time', () => {
  test.each<[NonNullable<TaggerOptions['timestamps']>, RegExp, RegExp]>([
    ['iso', /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z x a\n$/, /"time":"\d{4}-[^"]+Z",/],
    ['epoch', /^\d{13} x a\n$/, /"time":\d{13},/],
    ['relative', /^\d+\.\d{3} x a\n$/, /"time":\d+\.\d{3},/],
    ['none', /^x a\n$/, /^\{"tag":"x","msg":"a"\}\n$/],
  ])('%s', async (timestamps, text, object) => {
    expect(await tagged('a\n', {timestamps, tag: 'x'})).toMatch(text);
    expect(await json('a\n', {timestamps, tag: 'x'})).toMatch(object);
  });
});

describe('level', () => {
  test.each<[string, Level | undefined]>([
    ['{"level":10,"msg":"x"}', 'trace'],
    ['{"level":35,"msg":"x"}', 'info'],
    ['{"time":1,"level":60}', 'fatal'],
    ['{"level":"warn"}', 'warn'],
    ['{"message":"x","level":"http"}', 'debug'],
    ['{"a":{"level":10}}', undefined],
    ['<0>x', 'fatal'],
    ['<3>x', 'error'],
    ['<5>x', 'info'],
    ['<7>x', 'debug'],
    ['<8>x', undefined],
    ['ERROR x', 'error'],
    ['WARNING: x', 'warn'],
    ['[debug] x', 'debug'],
    ['info: x', 'info'],
    ['info about x', undefined],
    ['error reading x', undefined],
    ['TypeError: x', 'error'],
    ['Uncaught Error: x', 'error'],
    ['Errors: 5', undefined],
    ['EXIT x', undefined],
    ['2026-01-01T12:00:00.000Z ERROR x', 'error'],
    ['[2026-01-01 12:00:00,123] [WARN] app - x', 'warn'],
    ['2026-01-01 12:00:00+0100 - TypeError: x', 'error'],
    ['2026-01-01 12:00:00 GET /error', undefined],
    ['time=2026-01-01T12:00:00Z msg="a b=c" level=warn', 'warn'],
    ['sets level=debug', undefined],
    [`${'a="b c=d" '.repeat(30)}level`, undefined],
    ['', undefined],
  ])('%j is %p', async (line, level) => {
    const shown = await Promise.all(
      (['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const).map((min) =>
        tagged(`${line}\n`, {level: min}),
      ),
    );
    const order = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
    const expected = order.map((min) => level === undefined || order.indexOf(level) >= order.indexOf(min));
    expect(shown.map((text) => text !== '')).toEqual(expected);
    // What is JSON already says it in its own way.
    const told = line.startsWith('{')
      ? level
      : (JSON.parse(await json(`${line}\n`)) as {level?: Level}).level;
    expect(told).toBe(level);
  });

  test('the first part of what was cut decides for all of it', async () => {
    const long = (start: string) => `${start}${'x'.repeat(50)}\n`;
    const stack = (start: string) => `${start}\n${'    at f (/app/a.js:1:2)\n'.repeat(5)}`;
    const cuts = {level: 'info', maxLineBytes: 40, tag: ''} as const;
    const both = await tagged(`${long('DEBUG ')}${long('INFO ')}${long('{"level":20,"a":"')}`, cuts);
    expect(both).toBe(`INFO ${'x'.repeat(35)} [cut]\n${'x'.repeat(15)}\n`);
    const merged = await tagged(`${stack('[debug] Error: a')}on\n${stack('[error] Error: b')}`, {
      ...cuts,
      merge: true,
    });
    expect(merged.split('\n')[0]).toBe('on');
    expect(merged.match(/at f/g)).toHaveLength(5);
  });

  test('stderr is no level', async () => {
    expect(await json('x\n', {kind: 'err', level: 'error'})).toBe(
      '{"tag":"web.1","stream":"err","msg":"x"}\n',
    );
  });
});

test('settings are changed on a live tagger, for every source', async () => {
  const sink = new KeepingSink();
  const tagger = createTagger({sink, timestamps: 'none'});
  const {PassThrough} = await import('node:stream');
  const stream = new PassThrough();
  const attached = tagger.attach({tag: 'a', stream});
  const say = async (text: string) => {
    const before = sink.chunks.length;
    stream.write(text);
    while (sink.chunks.length === before) await new Promise(setImmediate);
  };
  await say('DEBUG 1\nINFO 2\n');
  tagger.configure({level: 'info', format: 'json'});
  await say('DEBUG 3\nINFO 4\n');
  tagger.configure({format: 'text', color: true, timestamps: 'epoch', level: undefined});
  await say('DEBUG 5\nINFO 6\n');
  await expectFault(() => tagger.configure({level: 'loud' as never}), 'TAGGER_OPTIONS');
  stream.end();
  await attached;
  const esc = '\u001b';
  expect(sink.text.replace(/^\d{13}/m, 'TIME')).toBe(
    `a DEBUG 1\na INFO 2\n{"tag":"a","level":"info","msg":"INFO 4"}\nTIME ${esc}[36ma${esc}[0m INFO 6\n`,
  );
});

test.each<[string, object]>([
  ['timestamps', {timestamps: 'utc'}],
  ['format', {format: 'xml'}],
  ['level', {level: 'loud'}],
  ['overflow', {overflow: 'wait'}],
  ['sink', {sink: []}],
])('a misspelled %s is refused', async (name, options) => {
  const fault = await expectFault(
    () => createTagger({sink: new KeepingSink(), ...options}),
    'TAGGER_OPTIONS',
  );
  expect(fault.message).toContain(name);
});

/** The names of the outer object, in order, those that come twice twice. */
function keysOf(line: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  for (const [token, colon] of line.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[[\]{}]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && colon !== undefined)
      keys.push(JSON.parse(token.slice(0, -colon.length)) as string);
  }
  return keys;
}

function objectOf(line: string): object | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
