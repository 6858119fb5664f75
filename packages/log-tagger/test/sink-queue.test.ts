import {PassThrough, Readable} from 'node:stream';
import {setImmediate as turn} from 'node:timers/promises';

import {describe, expect, test} from '@jest/globals';
import {
  createTagger,
  type Sink,
  type SinkWriteError,
  type TaggerEvent,
  type TaggerOptions,
} from '@keelson/log-tagger';
import {expectFault} from '@keelson/test-kit';

import {KeepingSink} from './keeping-sink.ts';
import {passLongLine} from './long-line.ts';

/** A sink that does what it is told. */
class ToldSink implements Sink {
  readonly name = 'told';
  readonly retryMs = 1;
  readonly files: string[] = [''];
  opened = 0;
  closed = false;
  /** The next open or write fails so: with these so many characters written. */
  broken: {readonly code: string; readonly written?: (lines: string) => number} | undefined;
  /** A write takes a turn of the event loop. */
  slow = false;
  #held: (() => void)[] | undefined;

  async open(): Promise<void> {
    this.opened++;
    if (this.broken) throw this.#error('');
  }

  write(lines: string): Promise<void> | undefined {
    if (this.broken) {
      const error = this.#error(lines);
      this.files[this.files.length - 1] += lines.slice(0, error.written);
      return Promise.reject(error);
    }
    this.files[this.files.length - 1] += lines;
    const held = this.#held;
    if (this.slow) return turn();
    return held && new Promise((resolve) => held.push(resolve));
  }

  async reopen(): Promise<void> {
    await turn();
    if (this.broken) throw this.#error('');
    this.files.push('');
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  hold(): void {
    this.#held = [];
  }

  go(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const done of held) done();
  }

  get text(): string {
    return this.files.join('');
  }

  #error(lines: string): SinkWriteError {
    const {code, written} = this.broken!;
    return Object.assign(new Error(`told to say ${code}`), {code, written: written?.(lines) ?? 0});
  }
}

function start(options: Omit<TaggerOptions, 'sink'> = {}, sinks: TaggerOptions['sink'] = new ToldSink()) {
  const events: TaggerEvent[] = [];
  const onEvent = (event: TaggerEvent) => void events.push(event);
  const tagger = createTagger({timestamps: 'none', ...options, onEvent, sink: sinks});
  const happened = async (type: TaggerEvent['type']) => {
    while (!events.some((event) => event.type === type))
      await new Promise((resolve) => setTimeout(resolve, 1));
    return events.find((event) => event.type === type);
  };
  return {sink: sinks as ToldSink, tagger, events, happened};
}

const until = async (done: () => boolean) => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 1));
};

describe('a sink that fails and recovers', () => {
  test('gets everything in order, once, and its failure is told once', async () => {
    const {sink, tagger, events, happened} = start();
    tagger.note('', 'one');
    await until(() => sink.text !== '');
    sink.broken = {code: 'ENOSPC', written: (lines) => lines.indexOf('\n') + 1};
    tagger.note('', 'two\nthree');
    await happened('log-tagger:sink-failed');
    tagger.note('', 'four');
    const {opened} = sink;
    sink.broken = {code: 'ENOSPC'};
    await until(() => sink.opened > opened + 2);
    expect(events).toEqual([
      {
        type: 'log-tagger:sink-failed',
        sink: 'told',
        because: 'told to say ENOSPC',
        code: 'ENOSPC',
        final: false,
      },
    ]);
    sink.broken = undefined;
    await happened('log-tagger:sink-recovered');
    expect(events[1]).toEqual({type: 'log-tagger:sink-recovered', sink: 'told', dropped: 0});
    await tagger.close();
    expect(sink.text).toBe('one\ntwo\nthree\nfour\n');
    expect([events.length, sink.closed]).toEqual([2, true]);
  });

  test('that opens but cannot be written is not told to have recovered', async () => {
    const {sink, tagger, events, happened} = start();
    await until(() => sink.opened === 1);
    let writes = 0;
    const write = sink.write.bind(sink);
    sink.write = () => {
      writes++;
      return Promise.reject(Object.assign(new Error('full'), {code: 'ENOSPC'}));
    };
    tagger.note('', 'x');
    await until(() => writes > 3);
    expect(events).toHaveLength(1);
    sink.write = write;
    await happened('log-tagger:sink-recovered');
    await tagger.close();
    expect(sink.text).toBe('x\n');
  });

  test('that is not there at first', async () => {
    const sink = new ToldSink();
    sink.broken = {code: 'ENOENT'};
    const {tagger, happened} = start({}, sink);
    await tagger.attach({tag: 'a', stream: Readable.from(['b\n'])});
    await happened('log-tagger:sink-failed');
    sink.broken = undefined;
    await happened('log-tagger:sink-recovered');
    await tagger.close();
    expect(sink.text).toBe('a b\n');
  });

  test.each(['text', 'json'] as const)(
    'for long: sources go on, the last mebibyte is kept, and the log says what is missing (%s)',
    async (format) => {
      const {sink, tagger, happened} = start({format});
      sink.broken = {code: 'EIO'};
      const line = `${'x'.repeat(98)}\n`;
      const count = 50_000;
      const chunks = Array.from({length: count / 500}, (_, at) =>
        Array.from({length: 500}, (__, index) => `${at * 500 + index} ${line}`.slice(-100)).join(''),
      );
      const numbered = chunks.map((chunk, at) =>
        chunk
          .split('\n')
          .slice(0, -1)
          .map((_, index) => String(at * 500 + index).padEnd(99, '.') + '\n')
          .join(''),
      );
      await tagger.attach({tag: '', stream: Readable.from(numbered)});
      sink.broken = undefined;
      await happened('log-tagger:sink-recovered');
      await tagger.close();
      const lines = sink.text.split('\n').slice(0, -1);
      const numbers = (
        format === 'text' ? lines : lines.map((one) => (JSON.parse(one) as {msg: string}).msg)
      ).map((one) => Number.parseInt(one, 10));
      const [marker] = lines;
      expect(marker).not.toContain('"stream"'); // it is nobody's
      const dropped =
        format === 'text'
          ? Number(/^\[keelson\] dropped (\d+) lines$/.exec(marker!)![1])
          : (JSON.parse(marker!) as {dropped: number}).dropped;
      expect(numbers.slice(1)).toEqual(Array.from({length: count - dropped}, (_, index) => dropped + index));
      expect(sink.text.length).toBeLessThan(1_200_000);
      expect(sink.text.length).toBeGreaterThan(900_000);
      expect(await happened('log-tagger:sink-recovered')).toMatchObject({dropped});
    },
  );

  test('that is still broken at the end: one more try, then close says what is missing', async () => {
    const {sink, tagger} = start();
    sink.broken = {code: 'EIO'};
    await tagger.attach({tag: '', stream: Readable.from(['a\nb\n'])});
    const {opened} = sink;
    const fault = await expectFault(tagger.close(), 'TAGGER_SINK_FAILED');
    expect(fault.message).toBe('told cannot be written: told to say EIO; 2 lines are missing');
    expect(sink.opened).toBeGreaterThan(opened);
    expect(sink.closed).toBe(true);
  });

  test('that is well again at the end loses nothing', async () => {
    const {sink, tagger, happened} = start();
    sink.broken = {code: 'EIO'};
    tagger.note('', 'a');
    await happened('log-tagger:sink-failed');
    sink.broken = undefined;
    await tagger.close();
    expect(sink.text).toBe('a\n');
  });

  test('that throws instead of rejecting', async () => {
    const {sink, tagger, happened} = start();
    await until(() => sink.opened === 1);
    const write = sink.write.bind(sink);
    sink.write = () => {
      sink.write = write;
      throw new Error('thrown');
    };
    tagger.note('', 'a');
    await happened('log-tagger:sink-recovered');
    await tagger.close();
    expect(sink.text).toBe('a\n');
  });
});

describe('overflow: drop', () => {
  test('a full sink stops nobody; whole lines are missing, and the log says how many', async () => {
    const {sink, tagger} = start({overflow: 'drop'});
    await until(() => sink.opened === 1);
    sink.hold();
    const count = 100_000;
    const line = (index: number) => `${index} ${'x'.repeat(90)}\n`;
    const chunks = Array.from({length: count / 1000}, (_, at) =>
      Array.from({length: 1000}, (__, index) => line(at * 1000 + index)).join(''),
    );
    const stream = new PassThrough();
    const attached = tagger.attach({tag: '', stream});
    for (const chunk of chunks) {
      stream.write(chunk);
      await turn();
    }
    expect(stream.readableLength).toBe(0);
    stream.end();
    sink.go();
    await attached;
    await tagger.close();
    const lines = sink.text.split('\n').slice(0, -1);
    const at = lines.findIndex((one) => one.startsWith('[keelson] dropped '));
    const dropped = Number(lines[at]!.split(' ')[2]);
    expect(lines.filter((one) => one.startsWith('[keelson]'))).toHaveLength(1);
    const numbers = lines.map((one) => Number.parseInt(one, 10));
    expect(numbers.slice(0, at)).toEqual(Array.from({length: at}, (_, index) => index));
    expect(numbers.slice(at + 1)).toEqual(
      Array.from({length: count - dropped - at}, (_, index) => at + dropped + index),
    );
    expect(sink.text.length).toBeLessThan(1_500_000);
  });

  test('notes into a sink that stands still come to an end, and are counted', async () => {
    const {sink, tagger} = start();
    await until(() => sink.opened === 1);
    sink.hold();
    const note = `${'x'.repeat(999)}`;
    for (let index = 0; index < 3000; index++) tagger.note('', note);
    await until(() => sink.text !== '');
    for (let index = 0; index < 3000; index++) tagger.note('', note);
    sink.go();
    await tagger.close();
    const lines = sink.text.split('\n').slice(0, -1);
    const marker = lines.find((line) => line.startsWith('[keelson] dropped'))!;
    expect(lines.length - 1 + Number(marker.split(' ')[2])).toBe(6000);
    expect(sink.text.length).toBeLessThan(3 * 1024 * 1024);
  });

  test('block drops nothing', async () => {
    const {sink, tagger} = start();
    await until(() => sink.opened === 1);
    sink.hold();
    const stream = new PassThrough();
    const attached = tagger.attach({tag: '', stream});
    for (let index = 0; index < 100; index++) stream.write(`${'x'.repeat(99)}\n`.repeat(500));
    stream.end();
    await until(() => sink.text !== '');
    for (let index = 0; index < 20; index++) await turn();
    expect(stream.readableEnded).toBe(false);
    sink.go();
    await attached;
    await tagger.close();
    expect(sink.text.length).toBe(100 * 500 * 100);
  });
});

describe('several sinks', () => {
  test('each gets everything, and one with a form of its own gets its form', async () => {
    const stream = new KeepingSink();
    const told = new ToldSink();
    const framed = Object.assign(new ToldSink(), {
      format: () => ({lines: (block: string) => `<${block}>\n`, piece: (text: string) => `<${text}…>\n`}),
    });
    const {tagger} = start({merge: true}, [stream, told, framed]);
    await tagger.attach({tag: 'a', stream: Readable.from(['b\n  c\nd\n'])});
    await tagger.close();
    expect([stream.text, told.text, framed.text]).toEqual([
      'a b\\n  c\na d\n',
      'a b\\n  c\na d\n',
      '<b\\n  c>\n<d>\n',
    ]);
  });

  test('a broken one does not stop the others', async () => {
    const [well, ill] = [new ToldSink(), new ToldSink()];
    ill.broken = {code: 'EIO'};
    const {tagger} = start({}, [ill, well]);
    await tagger.attach({
      tag: '',
      stream: Readable.from(Array.from({length: 50}, () => `${'x'.repeat(70_000)}\n`)),
    });
    expect(well.text.length).toBe(50 * 70_001 + 6 * 50 + 50);
    await expectFault(tagger.close(), 'TAGGER_SINK_FAILED');
  });
});

describe('reopen', () => {
  test('what came before is in the old file, what comes after in the new one', async () => {
    const {sink, tagger} = start();
    tagger.note('', 'before');
    const reopened = tagger.reopen();
    tagger.note('', 'meanwhile');
    await reopened;
    tagger.note('', 'after');
    await tagger.close();
    expect(sink.text).toBe('before\nmeanwhile\nafter\n');
    expect(sink.files).toHaveLength(2);
    expect(sink.files[0]).toMatch(/^before\n/);
    expect(sink.files[1]).toMatch(/after\n$/);
  });

  test('that fails is a failure like any other', async () => {
    const {sink, tagger, happened} = start();
    await until(() => sink.opened === 1);
    sink.broken = {code: 'EMFILE'};
    await tagger.reopen();
    expect(await happened('log-tagger:sink-failed')).toMatchObject({code: 'EMFILE', final: false});
    tagger.note('', 'x');
    sink.broken = undefined;
    await tagger.close();
    expect(sink.text).toBe('x\n');
  });

  test('a stream has nothing to open', async () => {
    const stream = new KeepingSink();
    const {tagger} = start({}, stream);
    tagger.note('', 'x');
    await tagger.reopen();
    await tagger.close();
    expect(stream.text).toBe('x\n');
  });

  test.each([false, true])('under load no line is lost or doubled (a slow sink: %p)', async (slow) => {
    const {sink, tagger} = start();
    sink.slow = slow;
    const stream = new PassThrough();
    const attached = tagger.attach({tag: '', stream});
    for (let index = 0; index < 3000; index++) {
      stream.write(`${index}\n`);
      if (index % 10 === 0) await turn();
      if (index % 100 === 0) void tagger.reopen();
    }
    stream.end();
    await attached;
    await tagger.close();
    expect(sink.files.length).toBeGreaterThan(10);
    expect(sink.text).toBe(Array.from({length: 3000}, (_, index) => `${index}\n`).join(''));
    expect(sink.files.every((file) => file === '' || file.endsWith('\n'))).toBe(true);
  });
});

test('memory does not grow with a line', async () => {
  // A gibibyte is long-line.soak.ts's.
  expect(await passLongLine(64)).toBeLessThan(4 * 1024 * 1024);
});
