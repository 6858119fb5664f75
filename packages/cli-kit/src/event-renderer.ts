import {stripVTControlCharacters} from 'node:util';

import {isProgress, type Progress, type StepEvent} from './event-text.ts';
import {redactUrls} from './redact-urls.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
/** Without a terminal a log is read later: say how far it is now and then, not a thousand times. */
const PLAIN_PROGRESS_MS = 5000;

/** The stream that events are told on. */
export interface TalkStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface EventRenderer {
  /** Tells an event: progress in the status line, everything else as a line that stays. */
  readonly event: (event: StepEvent) => void;
  /** A line that stays. */
  readonly line: (text: string) => void;
  /** Takes the status line away; it comes back with the next progress. */
  readonly clear: () => void;
}

interface RendererOptions {
  readonly stream: TalkStream;
  /** Whether the stream is a terminal that a person watches. */
  readonly live: boolean;
  /** Text of an event; undefined says nothing about it. */
  readonly describe: (event: StepEvent) => string | undefined;
}

function percent({done, total}: Progress): string {
  return total > 0 ? `${Math.min(100, Math.floor((done / total) * 100))}%` : '';
}

// Half the C0 and C1 control characters move the cursor: a program's line must not write over ours.
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- taking them out is the point
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000A-\u001F\u007F-\u009F]+/g, ' ');
}

function plainRenderer({stream, describe}: RendererOptions): EventRenderer {
  let told = Date.now();
  let begun = false;
  const line = (text: string) => void stream.write(`${redactUrls(text)}\n`);
  return {
    event(event) {
      if (isProgress(event)) {
        const due = Date.now() - told >= PLAIN_PROGRESS_MS;
        const ended = event.done >= event.total;
        if (!due && !(begun && ended)) return;
        told = Date.now();
        begun = !ended;
      }
      const text = describe(event);
      if (text !== undefined) line(isProgress(event) ? `${text} ${percent(event)}`.trimEnd() : text);
    },
    line,
    clear: () => undefined,
  };
}

/** One status line at the bottom, redrawn in place; lines that stay go above it. */
function liveRenderer({stream, describe}: RendererOptions): EventRenderer {
  let status: {text: string; progress: Progress} | undefined;
  let frame = 0;
  let drawn = false;
  let timer: NodeJS.Timeout | undefined;

  const erase = () => {
    if (drawn) stream.write('\r\u001B[K');
    drawn = false;
  };
  const draw = () => {
    if (status === undefined) return;
    const spinner = FRAMES[frame % FRAMES.length]!;
    const text = oneLine(redactUrls(`${status.text} ${percent(status.progress)}`)).trimEnd();
    stream.write(`\r\u001B[K${spinner} ${text.slice(0, Math.max(10, (stream.columns || 80) - 3))}`);
    drawn = true;
  };
  const rest = () => {
    clearInterval(timer);
    timer = undefined;
    status = undefined;
    erase();
  };
  const line = (text: string) => {
    erase();
    stream.write(`${redactUrls(text)}\n`);
    draw();
  };
  return {
    event(event) {
      const text = describe(event);
      if (!isProgress(event)) return text === undefined ? undefined : line(text);
      if (text === undefined || event.done >= event.total) return rest();
      status = {text, progress: event};
      if (timer !== undefined) return;
      draw();
      timer = setInterval(() => {
        frame++;
        draw();
      }, FRAME_MS).unref();
    },
    line,
    clear: rest,
  };
}

export function createEventRenderer(options: RendererOptions): EventRenderer {
  return options.live ? liveRenderer(options) : plainRenderer(options);
}

/** Whether a person watches this stream: a terminal that can move its cursor, and not the log of a CI run. */
export function isLive(stream: TalkStream, env: NodeJS.ProcessEnv): boolean {
  const ci = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb' && !ci;
}
