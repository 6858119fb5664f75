// JSON's grammar (RFC 8259), so that a match is a proof. What is nested deeper, or blank elsewhere, is no match. Each level makes the
// pattern five times as long, and it takes V8 as much longer to compile: 20 ms for the deepest, less than one for the flattest.
const DEEPEST = 2;

const STRING = String.raw`"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"`;
const NUMBER = String.raw`-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?`;

function value(depth: number): string {
  const scalar = `${STRING}|${NUMBER}|true|false|null`;
  if (depth === 0) return `(?:${scalar})`;
  const inner = value(depth - 1);
  const member = `${STRING}: ?${inner}`;
  return `(?:${scalar}|\\{(?:${member}(?:, ?${member})*)?\\}|\\[(?:${inner}(?:, ?${inner})*)?\\])`;
}

export interface ObjectRunOptions {
  /** Those of the `names` that the objects have, in this order, and no others of them. */
  readonly present: readonly string[];
  readonly names: readonly string[];
  /** How deep their values may be nested: see `depthOf`. */
  readonly depth: number;
}

/**
 * Matches, from its lastIndex, as many lines as are JSON objects like these; the last one may have no newline. Irregexp runs it at
 * more than a gigabyte a second: an eighth of what JSON.parse takes.
 */
export function objectRun({present, names, depth}: ObjectRunOptions): RegExp {
  const any = value(depth);
  const other = String.raw`"(?!(?:${names.map(literal).join('|')})")[^"\\\x00-\x1f]*": ?${any}`;
  const own = present.map((name) => `(?:${other}, ?)*"${literal(name)}": ?${any}`);
  const members = own.length === 0 ? `${other}(?:, ?${other})*` : `${own.join(', ?')}(?:, ?${other})*`;
  return new RegExp(String.raw`(?:\{${members}\}\r?(?:\n|$))+`, 'y');
}

/** How deep values are nested, up to DEEPEST: 0 for `1`, 1 for `[1]`. */
export function depthOf(values: readonly unknown[], deepest = DEEPEST): number {
  if (deepest === 0) return 0;
  let depth = 0;
  for (const one of values)
    if (typeof one === 'object' && one !== null && depth < deepest)
      depth = Math.max(depth, 1 + depthOf(Object.values(one), deepest - 1));
  return depth;
}

function literal(name: string): string {
  return name.replace(/[^\w]/g, String.raw`\$&`);
}

/** Where the run of such lines that begins at `at` ends; `at` when there is none. */
export function endOfRun(run: RegExp, text: string, at: number): number {
  run.lastIndex = at;
  try {
    return run.test(text) ? run.lastIndex : at;
  } catch {
    return at; // an object of millions of fields is too much for its stack
  }
}
