// JSON's grammar (RFC 8259), so that a match is a proof. What is nested deeper than DEPTH, or blank elsewhere, is no match.
const DEPTH = 2;
const STRING = String.raw`"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"`;
const NUMBER = String.raw`-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?`;

function value(depth: number): string {
  const scalar = `${STRING}|${NUMBER}|true|false|null`;
  if (depth === 0) return `(?:${scalar})`;
  const inner = value(depth - 1);
  const member = `${STRING}: ?${inner}`;
  return `(?:${scalar}|\\{(?:${member}(?:, ?${member})*)?\\}|\\[(?:${inner}(?:, ?${inner})*)?\\])`;
}

const VALUE = value(DEPTH);

/**
 * Matches, from its lastIndex, as many lines as are JSON objects which have these of the `names`, in this order, and no other of
 * them. Irregexp runs it at more than a gigabyte a second: an eighth of what JSON.parse takes.
 */
export function objectRun(present: readonly string[], names: readonly string[]): RegExp {
  const other = String.raw`"(?!(?:${names.map(literal).join('|')})")[^"\\\x00-\x1f]*": ?${VALUE}`;
  const own = present.map((name) => `(?:${other}, ?)*"${literal(name)}": ?${VALUE}`);
  const members = own.length === 0 ? `${other}(?:, ?${other})*` : `${own.join(', ?')}(?:, ?${other})*`;
  return new RegExp(String.raw`(?:\{${members}\}\r?\n)+`, 'y');
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
