// The reading side of escape.ts, written after systemd's own parser and not after our writer, so that one checks the other.

const SINGLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
  s: ' ',
};

const CODES = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/;

interface Escape {
  readonly text: string;
  readonly length: number;
}

/** cunescape() of systemd; undefined for an escape that it does not know. */
function unescapeC(rest: string): Escape | undefined {
  const single = SINGLE[rest[0] ?? ''];
  if (single !== undefined) return {text: single, length: 1};
  const found = CODES.exec(rest);
  const digits = found?.[1] ?? found?.[2] ?? found?.[3];
  if (!found) return undefined;
  const code = digits === undefined ? parseInt(found[4]!, 8) : parseInt(digits, 16);
  return code === 0 ? undefined : {text: String.fromCodePoint(code), length: found[0].length};
}

/** Words of a value, quotes and C escapes undone: extract_first_word() of systemd. Undefined where systemd would refuse it. */
export function splitWords(value: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < value.length; at++) {
    const letter = value[at]!;
    if (letter === '\\') {
      const escape = unescapeC(value.slice(at + 1, at + 10));
      if (!escape) return undefined;
      word = (word ?? '') + escape.text;
      at += escape.length;
    } else if (quote === undefined && /[ \t\n\r]/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (letter === quote) quote = undefined;
    else if (quote === undefined && (letter === '"' || letter === "'")) {
      quote = letter;
      word ??= '';
    } else word = (word ?? '') + letter;
  }
  if (quote !== undefined) return undefined;
  return word === undefined ? words : [...words, word];
}

/**
 * `%%` to `%`, in a template unit `%i` to the instance. Undefined with any other specifier: it would be replaced, or the
 * assignment dropped.
 */
export function undoSpecifiers(text: string, instance?: string): string | undefined {
  const known = instance === undefined ? /^(?:[^%]|%%)*$/ : /^(?:[^%]|%%|%i)*$/;
  return known.test(text)
    ? text.replace(/%(.)/g, (_, letter) => (letter === 'i' ? instance! : '%'))
    : undefined;
}

/** `$$` to `$` in an argument. Undefined with any other `$`: it would be replaced by a variable. */
export function undoDollars(text: string): string | undefined {
  return /^(?:[^$]|\$\$)*$/.test(text) ? text.replaceAll('$$', '$') : undefined;
}
