import {spawnSync} from 'node:child_process';

import {describe, expect, test} from '@jest/globals';
import {createTagger, type MergeOptions, type TaggerOptions} from '@keelson/log-tagger';
import {expectFault, testdir} from '@keelson/test-kit';
import fc from 'fast-check';
import {PassThrough, Readable} from 'node:stream';
import {setImmediate as turn} from 'node:timers/promises';

import {chunked, KeepingSink, pieces, lengths} from './keeping-sink.ts';

type Options = Omit<TaggerOptions, 'sink'>;

async function tagged(chunks: readonly Uint8Array[], options: Options = {}): Promise<string> {
  const sink = new KeepingSink();
  const tagger = createTagger({timestamps: 'none', merge: true, ...options, sink});
  await tagger.attach({tag: '', stream: Readable.from(chunks, {objectMode: false})});
  await tagger.close();
  return sink.bytes.toString('latin1');
}

/** The records that a text is made of. */
async function records(text: string, merge: true | MergeOptions = true): Promise<string[]> {
  const output = await tagged([Buffer.from(text)], {merge, format: 'json'});
  const lines = Buffer.from(output, 'latin1').toString().split('\n').slice(0, -1);
  return lines.map((line) => {
    const object = JSON.parse(line) as {msg?: string};
    return object.msg ?? line;
  });
}

const STACK = `Error: boom
    at f (/app/a.js:1:2)
    at async Promise.all (index 0)`;

describe('one record', () => {
  test.each<[string, string]>([
    ['a stack', STACK],
    ['an indented line', 'server listening\n  on port 3000\n\tand there'],
    [
      'a cause, properties, closing brace',
      `${STACK} {\n  code: 'X',\n  [cause]: Error: inner\n      at g (/app/b.js:1:2)\n      ... 3 lines matching cause stack trace ...\n      at h {\n    deep: [ 1 ]\n  }\n}`,
    ],
    [
      'AggregateError',
      'AggregateError: all\n    at f {\n  [errors]: [\n    Error: a\n        at g,\n    Error: b\n  ]\n}',
    ],
    [
      'Java and verror',
      'Exception in thread "main" x.Y: z\n\tat a.B\nCaused by: x.Z: q\n\tat c.D\n\t... 3 more',
    ],
    ['bluebird', 'Error: x\n    at f\nFrom previous event:\n    at g'],
    ['a message of several lines', "Error: Cannot find module 'x'\nRequire stack:\n- /app/a.js\n    at f"],
    [
      'an assertion',
      'AssertionError [ERR_ASSERTION]: Expected\n+ actual - expected\n\n  {\n+   a: 1\n-   a: 2\n  }\n    at f {\n  code: 1\n}',
    ],
    ['an assertion with empty lines', 'AssertionError [ERR_ASSERTION]: not equal:\n\n1 !== 2\n\n    at f'],
    ['an uncaught error', `/app/a.js:3\n  throw new Error('boom')\n  ^\n\n${STACK}\n\nNode.js v24.1.0`],
    ['one at the margin', `file:///app/a.mjs:3\nthrow new Error('boom')\n^\n\n${STACK}\n\nNode.js v24.1.0`],
    [
      'an uncaught value',
      '[eval]:1\nthrow 5\n^\n5\n(Use `node --trace-uncaught ...` to show where)\n\nNode.js v24.1.0',
    ],
    [
      'an uncaught error of any name, with a message of several lines',
      "/app/a.js:3\nthrow new Refused('a')\n^\n\nRefused: a\n\nb\n  c\nd\n    at f {\n  code: 1\n}\n\nNode.js v24.1.0",
    ],
    [
      'an uncaught text of several lines',
      '[eval]:1\nthrow "a\\nb"\n^\na\n\nb\n(Use `node --trace-uncaught ...` to show where)\n\nNode.js v24.1.0',
    ],
    ['an uncaught object of several lines', "[eval]:1\nthrow {a: 1}\n^\n{\n  a: 'b'\n}\n\nNode.js v24.1.0"],
    ['with carriage returns', `${STACK}\n}`.replaceAll('\n', '\r\n')],
  ])('%s, and what is around it is not part of it', async (_title, record) => {
    expect(await records(`before\n${record}\nafter\n${record}\n{"a":1}\n\n${record}\n`)).toEqual([
      'before',
      record,
      'after',
      record,
      '{"a":1}',
      '',
      record,
    ]);
  });

  const programs: [string, string][] = [
    ['throw new Error("x", {cause: new TypeError("y")})', 'cause'],
    ['throw "text"', 'primitive'],
    ['throw {a: 1}', 'object'],
    ['Promise.reject(new Error("x"))', 'rejection'],
    ['Promise.reject(5)', 'rejection of a value'],
    ['throw new AggregateError([new Error("a"), new TypeError("b")], "all")', 'AggregateError'],
    ['require("node:assert").deepStrictEqual({a: 1}, {a: 2})', 'assertion'],
    ['require("node:assert").equal(1, 2)', 'assertion'],
    ['require("./nothing")', 'module'],
    ['throw Object.assign(new Error("a\\nb\\nc"), {code: "X", deep: {list: [1, {two: 2}]}})', 'properties'],
    ['JSON.parse("{")', 'SyntaxError'],
    ['new (require("node:events"))().emit("error", new Error("x"))', 'event'],
    ['require("node:net").createServer().listen("/nowhere/socket")', 'event of a server'],
    ['class Refused extends Error { name = "Refused" }; throw new Refused("a\\n\\nb\\n  c\\nd")', 'name'],
    ['throw "a\\n\\nb"', 'text of several lines'],
  ];
  test.each(programs)('as this Node prints it: %s (%s)', async (code) => {
    await using dir = await testdir({'a.cjs': `${code}\n`});
    const {stderr} = spawnSync(process.execPath, [dir.at('a.cjs')], {encoding: 'utf8'});
    const printed = stderr.replace(/^\n/, '').replace(/\n$/, '');
    expect(printed).toContain('Node.js v');
    expect(await records(`before\n${stderr.replace(/^\n/, '')}after\n`)).toEqual([
      'before',
      printed,
      'after',
    ]);
  });
});

describe('several records', () => {
  test.each<[string, string[]]>([
    ['plain lines', ['a', 'b', '', 'c']],
    ['JSON lines, also before and after indented ones', ['{"a":1}', '  x', '{"b":2}', 'c\n  d', '{"e":3}']],
    ['an error without a stack', ['Error: x', 'listening on 3000', 'request 1', 'done\n  indented']],
    ['two errors, one stack', ['Error: a', 'text', 'Error: b\n    at f', 'text']],
    ['an error, then a stack of something else', ['Error: a', 'text', 'Trace: b\n    at f', 'Error: c']],
    ['an error, then a warning', ['Error: a', 'text', '(node:7) Warning: b\n    at f']],
    ['something that looks like a place', ['/app:3000', 'GET /', 'POST /']],
    ['braces that close nothing', ['a', '}', '}', 'b']],
    [
      'Node.js and empty lines elsewhere',
      ['a', '', 'Node.js v24.1.0', `${STACK}`, '', 'b', 'Node.js v24.1.0'],
    ],
    ['stacks in a row', [STACK, STACK, STACK]],
  ])('%s', async (_title, expected) => {
    expect(await records(`${expected.join('\n')}\n`)).toEqual(expected);
  });

  test('an error that no stack follows waits for 32 lines at most, and loses none', async () => {
    const lines = ['Error: x', ...Array.from({length: 100}, (_, index) => `line ${index}`), '    at f'];
    const expected = [...lines.slice(0, -2), lines.slice(-2).join('\n')];
    expect(await records(`${lines.join('\n')}\n`)).toEqual(expected);
  });
});

describe('a start of one’s own', () => {
  test.each<[string, RegExp, string[]]>([
    ['a date', /^\d{4}-/, ['2026-01-01 a\nb\n\n  c\n}', '2026-01-02 d', '2026-01-03 e\nError: x']],
    ['what comes before the first', /^>/, ['lost\nand', '> found\nhere']],
    ['JSON stays by itself', /^>/, ['> a\nb', '{"c":1}', 'd\ne', '> f']],
    ['text, not bytes', /^é.€$/u, ['é1€\nx', 'é2€\ny']],
    ['a flag that keeps its place', /^>/g, ['> a', '> b', '> c\nd']],
  ])('%s', async (_title, start, expected) => {
    expect(await records(`${expected.join('\n')}\n`, {start})).toEqual(expected);
  });
});

describe('how it looks', () => {
  test('text: one line, or line by line', async () => {
    const input = [Buffer.from('a\n  b\nc\n')];
    expect(await tagged(input)).toBe('a\\n  b\nc\n');
    expect(await tagged(input, {merge: {records: 'kept'}})).toBe('a\n  b\nc\n');
  });

  test('a record that is too long is cut between its lines, and marked', async () => {
    const input = [Buffer.from(`a\n${'  b\n'.repeat(6)}c\n`)];
    const options = {maxLineBytes: 16};
    expect(await tagged(input, options)).toBe('a\\n  b\\n  b\\n  b [cut]\n  b\\n  b\\n  b\nc\n');
    const lines = (await tagged(input, {...options, format: 'json'})).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {cut: true, msg: 'a\n  b\n  b\n  b'},
      {msg: '  b\n  b\n  b'},
      {msg: 'c'},
    ]);
  });

  test('the level of a record is that of its first line', async () => {
    const input = [Buffer.from('DEBUG a\n  ERROR b\nERROR c\n  d\ne\n')];
    expect(await tagged(input, {level: 'warn'})).toBe('ERROR c\\n  d\ne\n');
  });
});

describe('waiting', () => {
  const start = (merge: MergeOptions) => {
    const sink = new KeepingSink();
    const tagger = createTagger({sink, timestamps: 'none', merge});
    const stream = new PassThrough();
    const attached = tagger.attach({tag: '', stream});
    return {sink, tagger, stream, attached};
  };

  test('a record is held until something else begins, or nothing comes for a while', async () => {
    const {sink, stream, attached} = start({idleMs: 20});
    stream.write('a\n');
    await turn();
    expect(sink.text).toBe('');
    while (sink.text === '') await turn();
    expect(sink.text).toBe('a\n');
    stream.write('b\n');
    await turn();
    stream.end('  c\n');
    await attached;
    expect(sink.text).toBe('a\nb\\n  c\n');
  });

  test('while the sink is full, silence decides nothing', async () => {
    const {sink, stream, attached} = start({idleMs: 1});
    sink.hold();
    // The first is on its way, the second waits, and so the third is not read.
    for (const text of ['x\n'.repeat(100_000), 'x\n'.repeat(100_000), 'last\n']) stream.write(text);
    while (sink.waiting === 0) await turn();
    for (let index = 0; index < 50; index++) await new Promise((resolve) => setTimeout(resolve, 1));
    stream.end('  of all\n');
    sink.go();
    await attached;
    expect(sink.text.endsWith('x\nlast\\n  of all\n')).toBe(true);
  });

  test('sources are never merged with each other', async () => {
    const sink = new KeepingSink();
    const tagger = createTagger({sink, timestamps: 'none', merge: true});
    const [a, b] = [new PassThrough(), new PassThrough()];
    const all = [tagger.attach({tag: 'a', stream: a}), tagger.attach({tag: 'b', stream: b})];
    for (const text of ['Error: x\n', '    at f\n', '    at g\n']) {
      a.write(text);
      b.write(text);
      await turn();
    }
    a.end();
    b.end();
    await Promise.all(all);
    expect(sink.text.split('\n').sort()).toEqual([
      '',
      'a Error: x\\n    at f\\n    at g',
      'b Error: x\\n    at f\\n    at g',
    ]);
  });

  test.each([0, -1, Number.NaN, Infinity])('idleMs %p is refused', async (idleMs) => {
    await expectFault(() => createTagger({sink: new KeepingSink(), merge: {idleMs}}), 'TAGGER_OPTIONS');
  });
});

describe('whatever comes in', () => {
  const settings = fc.record({
    merge: fc.constantFrom<boolean | MergeOptions>(false, true, {records: 'kept'}, {start: /^x|é/}),
    maxLineBytes: fc.constantFrom(16, 40, 65_536),
  });

  test('chunking changes no text, and all of it is there', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, lengths, settings, async (input, cuts, options) => {
        const output = await tagged(chunked(input, cuts), options);
        expect(output).toBe(await tagged([input], options));
        const complete = Buffer.from(input)
          .toString('latin1')
          .replace(/([^\n])$/, '$1\n');
        // A cut adds a newline, also inside of what looks like a merged one.
        const all = (text: string) =>
          options.maxLineBytes < 1000
            ? text.replaceAll(' [cut]\n', '').replace(/[\\n\n]/g, '')
            : text.replaceAll('\\n', '\n');
        expect(all(output)).toBe(all(complete));
      }),
      {numRuns: 1000},
    );
  });

  test('chunking changes no JSON, and every line of it is an object in UTF-8', async () => {
    const format = 'json' as const;
    await fc.assert(
      fc.asyncProperty(pieces, lengths, settings, async (input, cuts, options) => {
        const output = await tagged(chunked(input, cuts), {...options, format});
        expect(output).toBe(await tagged([input], {...options, format}));
        const timed = await tagged([input], {...options, format, timestamps: 'iso'});
        for (const line of [...output.split('\n'), ...timed.split('\n')])
          expect(JSON.parse(line || '{}')).toEqual(expect.any(Object));
        expect(Buffer.from(timed, 'latin1').toString('utf8')).not.toContain('\uFFFD');
      }),
      {numRuns: 1000},
    );
  });
});
