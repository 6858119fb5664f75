import {once} from 'node:events';
import {PassThrough, Readable, Writable} from 'node:stream';
import {setImmediate as turn} from 'node:timers/promises';

import {describe, expect, test} from '@jest/globals';
import {createTagger, type TaggerEvent, type TaggerOptions} from '@keelson/log-tagger';
import {expectFault} from '@keelson/test-kit';
import fc from 'fast-check';

import {chunked, KeepingSink as Sink, lengths} from './keeping-sink.ts';

type Options = Omit<TaggerOptions, 'sink'>;

async function tagged(
  chunks: readonly (string | Uint8Array)[],
  options: Options & {tag?: string; kind?: 'out' | 'err'} = {},
) {
  const {tag = 'web.1', kind, ...rest} = options;
  const sink = new Sink();
  const tagger = createTagger({timestamps: 'none', ...rest, sink});
  await tagger.attach({
    tag,
    kind,
    stream: Readable.from(
      chunks.map((one) => Buffer.from(one)),
      {objectMode: false},
    ),
  });
  await tagger.close();
  return sink;
}

// Newlines, braces, quotes, `$` (special in a replacement) and halves of UTF-8 characters come often.
const bytes = fc
  .array(
    fc.oneof(
      fc
        .constantFrom('\n', '\n\n', '\r\n', '{"', '"}', '{', '}', '$&', '$$', 'é', '€', '😀', ' ', 'x')
        .map((s) => Buffer.from(s)),
      fc.uint8Array({maxLength: 8}),
    ),
    {maxLength: 60},
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

describe('lines', () => {
  test.each<[string, string[], string]>([
    ['one', ['hello\n'], 'web.1 hello\n'],
    ['several in a chunk, several chunks in a line', ['a\nb', 'c', '\n'], 'web.1 a\nweb.1 bc\n'],
    ['the last one without its newline', ['a\nb'], 'web.1 a\nweb.1 b\n'],
    ['empty ones', ['\n\na\n\n'], 'web.1 \nweb.1 \nweb.1 a\nweb.1 \n'],
    ['blanks', ['  a \t\n'], 'web.1   a \t\n'],
    ['carriage returns', ['10%\r20%\r30%\r\n'], 'web.1 10%\r20%\r30%\r\n'],
    ['separators that are none', ['a\v\f\u0085\u2028b\n'], 'web.1 a\v\f\u0085\u2028b\n'],
    ['what is special in a replacement', ["$& $1 $$ $` $'\nx\n"], "web.1 $& $1 $$ $` $'\nweb.1 x\n"],
    ['nothing', [], ''],
  ])('%s', async (_title, chunks, expected) => {
    expect((await tagged(chunks)).text).toBe(expected);
  });

  test.each<[string, Options & {tag?: string}, RegExp]>([
    [
      'time and tag',
      {timestamps: 'iso'},
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z web\.1 a\n\d{4}-\S+Z web\.1 b\n$/,
    ],
    ['time by default', {timestamps: undefined}, /^\d{4}-\S+Z web\.1 a\n/],
    ['time alone', {timestamps: 'iso', tag: ''}, /^\d{4}-\S+Z a\n\d{4}-\S+Z b\n$/],
    ['neither', {tag: ''}, /^a\nb\n$/],
    ['a tag in UTF-8 that is special in a replacement', {tag: 'wéb$&'}, /^wéb\$& a\nwéb\$& b\n$/],
    // oxlint-disable-next-line no-control-regex
    ['a tag in colour', {color: true}, /^\u001b\[36mweb\.1\u001b\[0m a\n\u001b\[36mweb\.1\u001b\[0m b\n$/],
  ])('%s', async (_title, options, expected) => {
    expect((await tagged(['a\nb\n'], options)).text).toMatch(expected);
  });

  test('chunking changes nothing, and without the tags it is the input, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, lengths, async (input, cuts) => {
        const output = (await tagged(chunked(input, cuts))).bytes;
        expect(output).toEqual((await tagged([input])).bytes);
        const lines = output.toString('latin1').split('\n').slice(0, -1);
        expect(lines.every((line) => line.startsWith('web.1 '))).toBe(true);
        const untagged = lines.map((line) => `${line.slice(6)}\n`).join('');
        const complete = Buffer.from(input)
          .toString('latin1')
          .replace(/([^\n])$/, '$1\n');
        expect(untagged).toBe(complete);
      }),
      {numRuns: 300},
    );
  });
});

describe('lines that are too long', () => {
  const long = (text: string, maxLineBytes = 16) => tagged([text], {tag: '', maxLineBytes});

  test.each<[string, string, string]>([
    ['exactly as long', `${'x'.repeat(16)}\n`, `${'x'.repeat(16)}\n`],
    ['one more', `${'x'.repeat(17)}\n`, `${'x'.repeat(16)} [cut]\nx\n`],
    ['twice as long', `${'x'.repeat(32)}\na\n`, `${'x'.repeat(16)} [cut]\n${'x'.repeat(16)}\na\n`],
    [
      'without a newline',
      'x'.repeat(40),
      `${'x'.repeat(16)} [cut]\n${'x'.repeat(16)} [cut]\n${'x'.repeat(8)}\n`,
    ],
    ['between others', `a\n\n${'x'.repeat(17)}\n\nb\n`, `a\n\n${'x'.repeat(16)} [cut]\nx\n\nb\n`],
    ['not inside of a character', `${'x'.repeat(14)}€€\n`, `${'x'.repeat(14)} [cut]\n€€\n`],
    ['nor of a long one', `${'x'.repeat(13)}😀a\n`, `${'x'.repeat(13)} [cut]\n😀a\n`],
  ])('%s', async (_title, input, expected) => {
    expect((await long(input)).text).toBe(expected);
  });

  test('chunking changes nothing, and the pieces are the line', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, lengths, fc.integer({min: 16, max: 24}), async (input, cuts, maxLineBytes) => {
        const options = {maxLineBytes, tag: ''};
        const output = (await tagged(chunked(input, cuts), options)).bytes;
        expect(output).toEqual((await tagged([input], options)).bytes);
        const text = output.toString('latin1');
        expect(text.split('\n').every((line) => line.replace(/ \[cut\]$/, '').length <= maxLineBytes)).toBe(
          true,
        );
        const complete = Buffer.from(input)
          .toString('latin1')
          .replace(/([^\n])$/, '$1\n');
        expect(text.replaceAll(' [cut]\n', '')).toBe(complete);
      }),
      {numRuns: 300},
    );
  });

  test('64 KiB by default', async () => {
    expect((await tagged(['x'.repeat(65537)])).text).toBe(`web.1 ${'x'.repeat(65536)} [cut]\nweb.1 x\n`);
  });

  test('Infinity never cuts', async () => {
    const line = 'x'.repeat(1024 * 1024);
    expect((await tagged(chunked(Buffer.from(line), [65536]), {maxLineBytes: Infinity})).text).toBe(
      `web.1 ${line}\n`,
    );
  });

  test.each([15, 0, -1, Number.NaN])('a limit of %p is refused', async (maxLineBytes) => {
    const fault = await expectFault(() => createTagger({sink: new Sink(), maxLineBytes}), 'TAGGER_OPTIONS');
    expect(fault.message).toContain('maxLineBytes');
  });
});

describe('json', () => {
  const json = async (input: string | Uint8Array, options: Parameters<typeof tagged>[1] = {}) =>
    (await tagged([input], {format: 'json', ...options})).bytes;

  test.each<[string, string, string]>([
    ['an object keeps its text', '{"a": 1.0}\n', '{"tag":"web.1","a": 1.0}'],
    ['an empty one', '{}', '{"tag":"web.1"}'],
    ['one with blanks around', ' { "a":1 } \r\n', '{"tag":"web.1", "a":1 } \r'],
    ['an empty one with blanks', '{ }', '{"tag":"web.1" }'],
    ['nested', '{"a":{"b":"}"}}', '{"tag":"web.1","a":{"b":"}"}}'],
    ['text', 'he said "hi\\"\t', '{"tag":"web.1","msg":"he said \\"hi\\\\\\"\\t"}'],
    ['an empty line', '\n', '{"tag":"web.1","msg":""}'],
    ['half an object', '{"a":1', '{"tag":"web.1","msg":"{\\"a\\":1"}'],
    ['an array', '[1]', '{"tag":"web.1","msg":"[1]"}'],
    ['util.inspect is no JSON', "{ a: 1, 'b-c': 2 }", '{"tag":"web.1","msg":"{ a: 1, \'b-c\': 2 }"}'],
    ['braces', '{x}', '{"tag":"web.1","msg":"{x}"}'],
    ['UTF-8', 'é€😀', '{"tag":"web.1","msg":"é€😀"}'],
    ['escapes of a terminal', '\u001b[31mred', '{"tag":"web.1","msg":"\\u001b[31mred"}'],
  ])('%s', async (_title, input, expected) => {
    expect((await json(input)).toString()).toBe(`${expected}\n`);
  });

  test('bytes that are no UTF-8 are escaped, those around them stay', async () => {
    const input = Buffer.concat([
      Buffer.from('é'),
      Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
      Buffer.from('😀'),
    ]);
    expect(JSON.parse((await json(input)).toString())).toEqual({
      tag: 'web.1',
      msg: 'é\\xff\\xc3(\\xed\\xa0\\x80😀',
    });
  });

  test('time, stream and tag', async () => {
    const output = await json('a\n{"b":1}\n', {timestamps: 'iso', kind: 'err', tag: 'w"é'});
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\S+Z$/);
    expect(
      output
        .toString()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {tag: 'w"é', time, stream: 'err', msg: 'a'},
      {tag: 'w"é', time, stream: 'err', b: 1},
    ]);
  });

  test('without tag and time', async () => {
    expect((await json('{"a":1}\n{"b":2}\nx\n{}\n', {tag: ''})).toString()).toBe(
      '{"a":1}\n{"b":2}\n{"msg":"x"}\n{}\n',
    );
  });

  test("an object's own field wins", async () => {
    expect(JSON.parse((await json('{"time":1}', {timestamps: 'iso'})).toString())).toEqual({
      tag: 'web.1',
      time: 1,
    });
  });

  test('many objects at once, and one line among them that is none', async () => {
    const objects = Array.from({length: 100}, (_, index) => `{"n":${index},"s":"$& }{"}`);
    for (const odd of [[], ['x'], ['{x}'], [''], ['{"'], ['"}'], ['{ "a": 1}']]) {
      const lines = [...objects.slice(0, 50), ...odd, ...objects.slice(50)];
      const output = (await json(`${lines.join('\n')}\n`)).toString().split('\n').slice(0, -1);
      const one = async (line: string) => (await json(line === '' ? '\n' : line)).toString().slice(0, -1);
      expect(output).toEqual(await Promise.all(lines.map(one)));
    }
  });

  test('pieces of a long line are text, even where one looks like an object', async () => {
    const line = `${'x'.repeat(16)}{"a":1}`;
    expect((await json(`${line}\n`, {maxLineBytes: 16})).toString()).toBe(
      `{"tag":"web.1","cut":true,"msg":"${'x'.repeat(16)}"}\n{"tag":"web.1","msg":"{\\"a\\":1}"}\n`,
    );
  });

  test('whatever comes in, each line is JSON, and UTF-8 text comes through', async () => {
    const looksLikeJson = /^[ \t]*\{[ \t]*["}]/;
    await fc.assert(
      fc.asyncProperty(bytes, lengths, async (input, cuts) => {
        const lines = Buffer.from(input).toString('latin1').split('\n');
        if (lines.at(-1) === '') lines.pop();
        fc.pre(!lines.some((line) => looksLikeJson.test(line)));
        const output = (await tagged(chunked(input, cuts), {format: 'json'})).bytes;
        expect(output).toEqual((await tagged([input], {format: 'json'})).bytes);
        const messages = output
          .toString()
          .split('\n')
          .slice(0, -1)
          .map((line) => (JSON.parse(line) as {msg: string}).msg);
        const expected = lines.map((line) => Buffer.from(line, 'latin1').toString('utf8'));
        const whole = (text: string) => !text.includes('\uFFFD');
        expect(messages).toHaveLength(expected.length);
        expect(messages.filter((_, index) => whole(expected[index]!))).toEqual(expected.filter(whole));
      }),
      {numRuns: 300},
    );
  });
});

describe('several sources', () => {
  test('no line is torn and each source keeps its order, however the chunks are mixed', async () => {
    const chunk = fc.record({source: fc.nat({max: 2}), text: fc.stringMatching(/^[ab\n]{0,6}$/)});
    await fc.assert(
      fc.asyncProperty(fc.array(chunk), async (chunks) => {
        const sink = new Sink();
        const tagger = createTagger({sink, timestamps: 'none'});
        const streams = [0, 1, 2].map(() => new PassThrough());
        const attached = streams.map((stream, index) => tagger.attach({tag: `${index}`, stream}));
        for (const {source, text} of chunks) {
          streams[source]!.write(text);
          await turn();
        }
        for (const stream of streams) stream.end();
        await Promise.all(attached);
        for (const index of [0, 1, 2]) {
          const said = chunks
            .filter(({source}) => source === index)
            .map(({text}) => text)
            .join('');
          const lines = sink.text
            .split('\n')
            .filter((line) => line.startsWith(`${index} `))
            .map((line) => `${line.slice(2)}\n`);
          expect(lines.join('')).toBe(said.replace(/([^\n])$/, '$1\n'));
        }
      }),
      {numRuns: 50},
    );
  });

  test('an open line of one waits while others write', async () => {
    const sink = new Sink();
    const tagger = createTagger({sink, timestamps: 'none'});
    const [a, b] = [new PassThrough(), new PassThrough()];
    const all = [tagger.attach({tag: 'a', stream: a}), tagger.attach({tag: 'b', stream: b})];
    a.write('AAA');
    await turn();
    b.end('CCC\n');
    await all[1];
    a.end('BBB\n');
    await all[0];
    expect(sink.text).toBe('b CCC\na AAABBB\n');
  });

  test('notes come between whole lines', async () => {
    const sink = new Sink();
    const tagger = createTagger({sink, timestamps: 'none'});
    const stream = new PassThrough();
    const attached = tagger.attach({tag: 'a', stream});
    stream.write('half ');
    await turn();
    tagger.note('keelson', 'started é\nthen\n');
    stream.end('a line');
    await attached;
    tagger.note('', '');
    await tagger.close();
    tagger.note('keelson', 'too late');
    expect(sink.text).toBe('keelson started é\nkeelson then\na half a line\n\n');
  });

  test('each tag has its colour', async () => {
    const sink = new Sink();
    const tagger = createTagger({sink, timestamps: 'none', color: true});
    for (const tag of ['a', 'b', 'a', '']) tagger.note(tag, 'x');
    await tagger.close();
    expect(sink.text).toBe('\u001b[36ma\u001b[0m x\n\u001b[33mb\u001b[0m x\n\u001b[36ma\u001b[0m x\nx\n');
  });
});

/** An endless source; how many bytes were taken from it. */
function flood(line: string) {
  const block = Buffer.from(line.repeat(Math.ceil(65536 / line.length)));
  const state = {taken: 0};
  const stream = new Readable({
    read() {
      state.taken += block.length;
      setImmediate(() => this.push(block));
    },
  });
  return {stream, state};
}

describe('a slow sink', () => {
  test('stops its sources, and then gets everything', async () => {
    const sink = new Sink({highWaterMark: 1024}).hold();
    const tagger = createTagger({sink, timestamps: 'none'});
    const {stream, state} = flood('flooding\n');
    const attached = tagger.attach({tag: 'a', stream});
    for (let index = 0; index < 100; index++) await turn();
    expect(state.taken).toBeLessThan(5 * 65536);
    stream.push(null);
    sink.go();
    await attached;
    expect(sink.text).toMatch(/^(a flooding\n)+$/);
    expect(sink.text.length).toBeGreaterThan(65536);
  });

  test('a flood does not keep others from their turn', async () => {
    const sink = new Sink({highWaterMark: 1024}).hold();
    const tagger = createTagger({sink, timestamps: 'none'});
    const floods = [flood('x\n'), flood('y\n')];
    const attached = floods.map(({stream}, index) => tagger.attach({tag: `${index}`, stream}));
    const quiet = new PassThrough();
    const whole = tagger.attach({tag: 'quiet', stream: quiet});
    const letThrough = async (count: number) => {
      for (let index = 0; index < count; index++) {
        sink.one();
        for (let more = 0; more < 5; more++) await turn();
      }
    };
    await letThrough(5);
    quiet.end('here\n');
    await letThrough(4);
    expect(sink.text).toContain('quiet here\n');
    const shares = ['0 x\n', '1 y\n'].map((line) => sink.text.split(line).length);
    expect(Math.min(...shares) / Math.max(...shares)).toBeGreaterThan(0.5);
    for (const {stream} of floods) stream.destroy();
    sink.go();
    await Promise.all([...attached, whole]);
  });

  test('attach and close resolve only when the last byte is in it', async () => {
    const sink = new Sink().hold();
    const tagger = createTagger({sink, timestamps: 'none'});
    const done: string[] = [];
    const attached = tagger.attach({tag: 'a', stream: Readable.from(['x'])}).then(() => done.push('attach'));
    const closed = tagger.close().then(() => done.push('close'));
    for (let index = 0; index < 20; index++) await turn();
    expect([sink.text, ...done]).toEqual(['a x\n']);
    sink.go();
    await Promise.all([attached, closed]);
    expect(done).toEqual(['attach', 'close']);
  });
});

describe('a sink that fails', () => {
  const failing = (after: number) =>
    new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        after--;
        done(after < 0 ? Object.assign(new Error('no space'), {code: 'ENOSPC'}) : null);
      },
    });

  test.each([0, 1, 5])(
    'after %p writes: sources are still read to their end, and close says why',
    async (after) => {
      const events: TaggerEvent[] = [];
      const tagger = createTagger({sink: failing(after), onEvent: (event) => events.push(event)});
      const chunks = Array.from({length: 50}, () => 'x'.repeat(70_000) + '\n');
      const attached = [1, 2].map((n) => tagger.attach({tag: `${n}`, stream: Readable.from(chunks)}));
      await Promise.all(attached);
      const fault = await expectFault(tagger.close(), 'TAGGER_SINK_FAILED');
      expect(fault.message).toContain('no space');
      expect(events).toEqual([
        {
          type: 'log-tagger:sink-failed',
          sink: 'a stream',
          because: 'no space',
          code: 'ENOSPC',
          final: true,
        },
      ]);
      tagger.note('a', 'x');
    },
  );

  test('one that is closed by somebody, while it is full', async () => {
    const sink = new Sink({highWaterMark: 1}).hold();
    const tagger = createTagger({sink});
    const {stream} = flood('x\n');
    const attached = tagger.attach({tag: 'a', stream});
    while (sink.chunks.length === 0) await turn();
    sink.destroy();
    await once(sink, 'close');
    stream.push(null);
    await attached;
    expect((await expectFault(tagger.close(), 'TAGGER_SINK_FAILED')).message).toContain('closed');
  });

  test('dropping the tagger leaves the sink open and untouched', async () => {
    const sink = new Sink();
    const before = sink.eventNames().length;
    {
      await using tagger = createTagger({sink, timestamps: 'none'});
      tagger.note('a', 'b');
    }
    expect([sink.text, sink.writable, sink.eventNames().length]).toEqual(['a b\n', true, before]);
  });
});

describe('the end of a source', () => {
  const start = () => {
    const sink = new Sink();
    const stream = new PassThrough();
    const tagger = createTagger({sink, timestamps: 'none'});
    return {sink, stream, tagger, attached: tagger.attach({tag: 'a', stream})};
  };

  test('destroyed: what it said stays, its last line is completed', async () => {
    const {sink, stream, tagger, attached} = start();
    stream.write('x\nhalf');
    await turn();
    stream.destroy();
    await attached;
    await tagger.close();
    expect(sink.text).toBe('a x\na half\n');
  });

  test('failed: the same', async () => {
    const {sink, stream, attached} = start();
    stream.write('half');
    await turn();
    stream.destroy(new Error('EIO'));
    await attached;
    expect(sink.text).toBe('a half\n');
  });

  test('over before it was attached', async () => {
    const {sink, tagger} = start();
    const ended = Readable.from([]).resume();
    await once(ended, 'end');
    await tagger.attach({tag: 'b', stream: ended});
    expect(sink.text).toBe('');
  });

  test('text instead of bytes', async () => {
    const {sink, stream, attached} = start();
    stream.setEncoding('utf8').end('é€\n');
    await attached;
    expect(sink.text).toBe('a é€\n');
  });

  test('after close there is no attaching', async () => {
    const {stream, tagger} = start();
    stream.end();
    const closed = tagger.close();
    expect(tagger.close()).toBe(closed);
    await expectFault(tagger.attach({tag: 'b', stream: Readable.from([])}), 'TAGGER_CLOSED');
    await expect(closed).resolves.toBeUndefined();
  });

  test.each(['a\nb', 'a\0', '\u001b[31m'])('the tag %j is refused', async (tag) => {
    const {tagger} = start();
    expect(
      (await expectFault(tagger.attach({tag, stream: Readable.from([])}), 'TAGGER_OPTIONS')).message,
    ).toContain('tag');
    expect((await expectFault(() => tagger.note(tag, ''), 'TAGGER_OPTIONS')).message).toContain('tag');
  });

  test('a sink in object mode gets bytes', async () => {
    const chunks: unknown[] = [];
    const sink = new Writable({
      objectMode: true,
      write: (chunk, _encoding, done) => (chunks.push(chunk), done()),
    });
    const tagger = createTagger({sink, timestamps: 'none'});
    tagger.note('a', 'é');
    await tagger.close();
    expect(chunks).toEqual([Buffer.from('a é\n')]);
  });
});
