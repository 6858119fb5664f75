import {ExportFault} from '../fault.ts';
import type {HclValue} from './write.ts';

/** A block as HCL's native syntax has it, without expressions. */
export interface ReadBlock {
  readonly block: string;
  readonly labels: readonly string[];
  readonly values: Readonly<Record<string, HclValue>>;
  readonly blocks: readonly ReadBlock[];
}

const TOKEN =
  /[ \t\r]+|#[^\n]*|(\n)|("(?:[^"\\\n]|\\.)*")|(-?\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_-]*)|([{}[\]=,])/y;
const ESCAPES: Readonly<Record<string, string>> = {n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\'};

/** Text of a quoted template; undefined where something in it would be evaluated. */
function templateText(quoted: string): string | undefined {
  let text = '';
  for (let at = 1; at < quoted.length - 1; at++) {
    const rest = quoted.slice(at, -1);
    const escape = /^\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt"\\]))/.exec(rest);
    const literal = /^([$%])\1\{/.exec(rest);
    if (escape) {
      const code = escape[1] ?? escape[2];
      text += code === undefined ? ESCAPES[escape[3]!] : String.fromCodePoint(parseInt(code, 16));
      at += escape[0].length - 1;
    } else if (literal) {
      text += `${literal[1]}{`;
      at += 2;
    } else if (/^(?:\\|[$%]\{)/.test(rest)) return undefined;
    else text += quoted[at];
  }
  return text;
}

/** A reader of what is at hand: tokens without blanks and comments. */
class Tokens {
  private readonly all: string[] = [];
  private at = 0;
  private readonly file: string;
  constructor(file: string, document: string) {
    this.file = file;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < document.length) {
      const start = TOKEN.lastIndex;
      const found = TOKEN.exec(document);
      if (!found) throw this.fault(document.slice(start, start + 40));
      if (/^[^ \t\r#]/.test(found[0])) this.all.push(found[0]);
    }
  }
  fault(what = 'its end'): ExportFault {
    return new ExportFault('EXPORT_MISMATCH', `${this.file}: HCL would not read ${JSON.stringify(what)}`);
  }
  peek(): string | undefined {
    return this.all[this.at];
  }
  next(): string {
    const token = this.all[this.at++];
    if (token === undefined) throw this.fault();
    return token;
  }
  skip(token: string): boolean {
    if (this.peek() !== token) return false;
    this.at++;
    return true;
  }
  expect(token: string): void {
    const found = this.next();
    if (found !== token) throw this.fault(found);
  }
  text(token: string): string {
    const text = templateText(token);
    if (text === undefined) throw this.fault(token.slice(0, 40));
    return text;
  }
}

function readValue(tokens: Tokens): HclValue {
  const token = tokens.next();
  if (token.startsWith('"')) return tokens.text(token);
  if (token === 'true' || token === 'false') return token === 'true';
  if (/^-?\d/.test(token)) return Number(token);
  if (token === '[') {
    const values: HclValue[] = [];
    while (!tokens.skip(']')) {
      values.push(readValue(tokens));
      tokens.skip(',');
    }
    return values;
  }
  if (token !== '{') throw tokens.fault(token);
  const pairs: [string, HclValue][] = [];
  while (!tokens.skip('}')) {
    const key = tokens.text(tokens.next());
    tokens.expect('=');
    pairs.push([key, readValue(tokens)]);
    tokens.skip(',');
  }
  return Object.fromEntries(pairs);
}

function readBody(tokens: Tokens, end: '}' | undefined): Pick<ReadBlock, 'values' | 'blocks'> {
  const values: [string, HclValue][] = [];
  const blocks: ReadBlock[] = [];
  for (;;) {
    if (tokens.skip('\n')) continue;
    if (tokens.peek() === end) break;
    const name = tokens.next();
    if (!/^[A-Za-z_]/.test(name)) throw tokens.fault(name);
    if (tokens.skip('=')) {
      if (values.some(([other]) => other === name)) throw tokens.fault(name);
      values.push([name, readValue(tokens)]);
      tokens.expect('\n');
      continue;
    }
    const labels: string[] = [];
    while (tokens.peek()?.startsWith('"')) labels.push(tokens.text(tokens.next()));
    tokens.expect('{');
    const body = readBody(tokens, '}');
    tokens.expect('}');
    blocks.push({block: name, labels, ...body});
  }
  return {values: Object.fromEntries(values), blocks};
}

/** Blocks and values of a document that evaluates nothing. Faults: EXPORT_MISMATCH, for what HCL would not read or would evaluate. */
export function readHcl(file: string, document: string): Pick<ReadBlock, 'values' | 'blocks'> {
  return readBody(new Tokens(file, document), undefined);
}
