import {calmStretches} from './calm-stretches.ts';
import type {LineTarget} from './line-carry.ts';
import * as rules from './record-rules.ts';

export interface RecordTarget extends LineTarget {
  /** Lines that belong together, with newlines between them; `more` when the record was too long and goes on. */
  record(text: string, more: boolean): void;
}

export interface RecordMergeOptions {
  /** A line that matches begins a record, every other one continues it. Default: the rules for stacks and indented lines. */
  readonly start?: RegExp | undefined;
  readonly maxBytes: number;
}

/** Why lines are kept until one that settles it: a caret (or an error), a stack, Node's version. */
type Doubt = 'source' | 'message' | 'end';

/** Lines that an error's message may have before its stack begins. */
const MAX_MESSAGE_LINES = 32;

/**
 * Puts the lines of one source together to records, by what the lines say; when they come does not matter. The last record is
 * held back until a line has come that does not belong to it, or `flush`.
 */
export class RecordMerge implements LineTarget {
  readonly #target: RecordTarget;
  readonly #start: ((line: string) => boolean) | undefined;
  readonly #maxBytes: number;
  /** The record so far; undefined when there is none. */
  #record: string | undefined;
  #first = '';
  #count = 0;
  #object = false;
  #indented = false;
  /** It has a stack, or is an uncaught error. */
  #trace = false;
  /** An error's first line has come: the rest of its message may follow, and its stack. */
  #message = false;
  /** A caret has come: so many lines follow in any case, an empty one and the error's first, or that alone. */
  #due = 0;
  /** Lines that belong to the record if what follows them says so. */
  #maybe: string[] = [];
  #maybeIs: Doubt = 'end';
  /** Records of one line that are not out yet. */
  #singles: string[] = [];

  constructor(target: RecordTarget, {start, maxBytes}: RecordMergeOptions) {
    this.#target = target;
    this.#start = start && startTest(start);
    this.#maxBytes = maxBytes;
  }

  get holds(): boolean {
    return this.#record !== undefined;
  }

  lines(block: string): void {
    const calm = this.#start ? undefined : calmStretches(block);
    for (let at = 0; at <= block.length;) {
      const until = at > 0 && calm && this.#isCalm() ? calm(at) : at;
      if (until > at) {
        this.#end();
        this.#flushSingles();
        this.#target.lines(block.slice(at, until - 1));
        at = until;
      } else {
        const newline = block.indexOf('\n', at);
        const end = newline < 0 ? block.length : newline;
        this.#line(block.slice(at, end));
        at = end + 1;
      }
    }
    this.#flushSingles();
  }

  piece(text: string, more: boolean): void {
    this.flush();
    this.#target.piece(text, more);
  }

  /** Lets go of what is held, as it is. */
  flush(): void {
    while (this.#record !== undefined) this.#refuse();
    this.#flushSingles();
  }

  /** One line that says nothing of lines to come, other than any line does. */
  #isCalm(): boolean {
    return this.#count === 1 && this.#maybe.length === 0 && !this.#message;
  }

  #line(line: string): void {
    if (this.#record === undefined) return this.#begin(line);
    if (this.#maybe.length > 0) return this.#decide(line);
    if (this.#joins(line)) return this.#append(line);
    const maybe = this.#mayJoin(line);
    if (maybe) {
      this.#maybe = [line];
      this.#maybeIs = maybe;
    } else {
      this.#end();
      this.#begin(line);
    }
  }

  #begin(line: string): void {
    this.#record = this.#first = line;
    this.#count = 1;
    this.#object = rules.isObject(line);
    this.#message = this.#start === undefined && rules.isError(line);
  }

  #joins(line: string): boolean {
    if (this.#object || rules.isObject(line)) return false;
    if (this.#start) return !this.#start(line);
    if (this.#due > 0 || rules.isIndented(line)) return true;
    if (this.#indented && (rules.isClosing(line) || rules.isCause(line))) return true;
    return this.#trace && rules.isTraceHint(line);
  }

  #mayJoin(line: string): Doubt | undefined {
    if (this.#object || this.#start) return undefined;
    if (this.#message) return 'message';
    if (this.#trace && rules.isEmpty(line)) return 'end';
    if (this.#count === 1 && rules.isPlace(this.#first)) return 'source';
    return undefined;
  }

  /** A line after some that may belong to the record. */
  #decide(line: string): void {
    if (this.#settles(line)) {
      const lines = [...this.#maybe, line];
      this.#maybe = [];
      for (const one of lines) this.#append(one);
      if (rules.isNodeVersion(line)) this.#end();
    } else if (this.#staysOpen(line)) {
      this.#maybe.push(line);
    } else {
      this.#refuse();
      this.#line(line);
    }
  }

  #settles(line: string): boolean {
    if (this.#maybeIs === 'message' && rules.isFrame(line)) return true;
    if (this.#maybeIs === 'message')
      return (
        this.#trace &&
        (rules.isTraceHint(line) || (rules.isEmpty(this.#maybe.at(-1)!) && rules.isNodeVersion(line)))
      );
    if (this.#maybeIs === 'end') return rules.isNodeVersion(line);
    return this.#maybe.length === 1 ? rules.isCaret(line) : rules.isError(line);
  }

  #staysOpen(line: string): boolean {
    if (this.#maybeIs === 'end') return false;
    if (this.#maybeIs === 'source')
      return this.#maybe.length === 1 && rules.isEmpty(line) && rules.isCaretless(this.#first);
    const bytes = this.#maybe.reduce((sum, one) => sum + one.length + 1, this.#record!.length + line.length);
    return (
      this.#maybe.length < MAX_MESSAGE_LINES &&
      bytes < this.#maxBytes &&
      !rules.isObject(line) &&
      !rules.mayHaveStack(line)
    );
  }

  /** The record ends, and the lines that might have belonged to it begin records of their own. */
  #refuse(): void {
    const lines = this.#maybe;
    this.#maybe = [];
    this.#end();
    for (const line of lines) this.#line(line);
  }

  #append(line: string): void {
    if (this.#record!.length + 1 + line.length > this.#maxBytes) {
      this.#flushSingles();
      this.#target.record(this.#record!, true);
      this.#record = line;
    } else {
      this.#record += `\n${line}`;
    }
    this.#count++;
    if (this.#start) return;
    if (this.#due > 0) {
      this.#due = this.#due === 2 && rules.isEmpty(line) ? 1 : 0;
      // Of an error of any name, or of a text that was thrown.
      this.#message = this.#due === 0;
      return;
    }
    this.#indented ||= rules.isIndented(line);
    if (this.#count === 3 && rules.isPlace(this.#first))
      this.#due = rules.isCaret(line) ? 2 : rules.isEmpty(line) && rules.isCaretless(this.#first) ? 1 : 0;
    if (this.#due > 0) {
      this.#trace = true;
    } else if (rules.isFrame(line)) {
      this.#trace = true;
      this.#message = false;
    } else if (rules.isTraceHint(line)) {
      this.#message = false;
    }
  }

  #end(): void {
    if (this.#record === undefined) return;
    if (this.#count === 1) {
      this.#singles.push(this.#record);
    } else {
      this.#flushSingles();
      this.#target.record(this.#record, false);
    }
    this.#record = undefined;
    this.#count = this.#due = 0;
    this.#indented = this.#trace = this.#message = false;
  }

  #flushSingles(): void {
    if (this.#singles.length === 0) return;
    this.#target.lines(this.#singles.join('\n'));
    this.#singles = [];
  }
}

/** On text, not on bytes, and without the state that a `g` or `y` would keep. */
function startTest(start: RegExp): (line: string) => boolean {
  const test = new RegExp(start.source, start.flags.replace(/[gy]/g, ''));
  return (line) => test.test(Buffer.from(line, 'latin1').toString('utf8'));
}
