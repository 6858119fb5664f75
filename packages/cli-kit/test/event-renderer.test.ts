import {describe, expect, jest, test} from '@jest/globals';

import {createEventRenderer, isLive} from '../dist/event-renderer.js';
import {eventText, type StepEvent} from '../dist/event-text.js';

// oxlint-disable-next-line no-control-regex -- what a terminal is sent
const LINE_ENDS = /(\r\u001B\[K|\n)/;

/** What a terminal would show: carriage returns and line erasing applied. */
function screenOf(written: string): string[] {
  const lines = [''];
  for (const part of written.split(LINE_ENDS)) {
    if (part === '\n') lines.push('');
    else if (part === '\r\u001B[K') lines[lines.length - 1] = '';
    else lines[lines.length - 1] += part;
  }
  return lines;
}

function fakeStream(columns = 40) {
  const stream = {
    isTTY: true,
    columns,
    written: '',
    write(text: string) {
      stream.written += text;
      return true;
    },
  };
  return stream;
}

function renderer(live: boolean) {
  const stream = fakeStream();
  return {stream, ...createEventRenderer({stream, live, describe: eventText})};
}

const packed = (done: number, total = 100): StepEvent => ({type: 'build:packed', done, total}) as StepEvent;

describe('eventText', () => {
  test.each([
    [{type: 'build:opened'}, 'opened'],
    [{type: 'build:script-ran', name: 'build', ms: 3}, 'script ran: name build, ms 3'],
    [{type: 'spawn:line', stream: 'out', line: 'hello'}, 'hello'],
    [{type: 'x:packed', done: 1, total: 2, path: 'a'}, 'packed: path a'],
    [{type: 'x:y', nested: {a: 1}, list: [1], nothing: undefined}, 'y'],
  ])('%j → %s', (event, text) => {
    expect(eventText(event)).toBe(text);
  });
});

describe('isLive', () => {
  test.each([
    [true, {}, true],
    [true, {TERM: 'dumb'}, false],
    [true, {CI: 'true'}, false],
    [true, {CI: 'false'}, true],
    [true, {CI: ''}, true],
    [undefined, {}, false],
  ])('tty %s with %j: %s', (isTTY, env, live) => {
    expect(isLive({isTTY, write: () => true}, env)).toBe(live);
  });
});

describe('without a terminal', () => {
  test('events are lines, without credentials', () => {
    const {event, stream} = renderer(false);
    event({type: 'a:fetched', url: 'https://u:p@h/x'} as StepEvent);
    event({type: 'a:opened'});
    expect(stream.written).toBe('fetched: url https://***@h/x\nopened\n');
  });

  test('progress is told every five seconds, and its end only where it was told before', () => {
    jest.useFakeTimers({now: 0});
    try {
      const {event, stream} = renderer(false);
      for (let done = 0; done <= 100; done++) event(packed(done));
      expect(stream.written).toBe('');
      jest.setSystemTime(5000);
      event(packed(40));
      jest.setSystemTime(9000);
      event(packed(60));
      expect(stream.written).toBe('packed 40%\n');
      event(packed(100));
      expect(stream.written).toBe('packed 40%\npacked 100%\n');
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('on a terminal', () => {
  test('progress is one line that is redrawn, below the lines that stay, and gone at the end', () => {
    jest.useFakeTimers();
    try {
      const {event, stream} = renderer(true);
      event(packed(10));
      expect(screenOf(stream.written)).toEqual(['⠋ packed 10%']);
      event(packed(20));
      jest.advanceTimersByTime(80);
      expect(screenOf(stream.written)).toEqual(['⠙ packed 20%']);
      event({type: 'build:opened'});
      expect(screenOf(stream.written)).toEqual(['opened', '⠙ packed 20%']);
      event(packed(100));
      expect(screenOf(stream.written)).toEqual(['opened', '']);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  test('clear takes the line away for good', () => {
    const {clear, event, stream} = renderer(true);
    event(packed(10));
    clear();
    clear();
    expect(screenOf(stream.written)).toEqual(['']);
  });

  test('a terminal that does not say how wide it is has 80 columns', () => {
    const stream = fakeStream(0);
    const told = createEventRenderer({stream, live: true, describe: () => 'x'.repeat(99)});
    told.event(packed(1));
    told.clear();
    expect(stream.written.split('\r\u001B[K')[1]).toBe(`⠋ ${'x'.repeat(77)}`);
  });

  test('a text that would move the cursor or be longer than the line is kept in it', () => {
    const stream = fakeStream(20);
    const told = createEventRenderer({
      stream,
      live: true,
      describe: () => `a\u001B[2Jb\r\n${'x'.repeat(50)}`,
    });
    told.event(packed(1));
    told.clear();
    const status = stream.written.split('\r\u001B[K')[1]!;
    expect(status).toBe(`⠋ ab ${'x'.repeat(14)}`);
  });
});
