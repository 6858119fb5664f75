const WHITE_SPACE = /[ \t\n\r]*/y;
// oxlint-disable-next-line no-control-regex -- JSON forbids exactly these inside of a string
const STRING_START = /"(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const TOKEN = new RegExp(
  `([{}[\\],:])|(${STRING_START.source}")|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null`,
  'y',
);

/** What may come next. `first…`: or the end of the object or array that has just begun. */
type State = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'after';

/**
 * Where a text stops being JSON (RFC 8259): the index of what does not belong, the text's length when it ends too early,
 * undefined when nothing is wrong. V8's message tells a position only for some errors.
 */
export function findSyntaxError(text: string): number | undefined {
  const open: string[] = [];
  let state: State = 'value';
  let index = skip(text, 0);
  while (index < text.length) {
    TOKEN.lastIndex = index;
    const match = TOKEN.exec(text);
    const next: State | undefined = match ? step(state, match, open) : undefined;
    if (match === null && text[index] === '"') return skip(text, index, STRING_START);
    if (match === null || next === undefined) return index;
    state = next;
    index = skip(text, TOKEN.lastIndex);
  }
  return state === 'after' && open.length === 0 ? undefined : index;
}

function step(state: State, [token, mark, string]: RegExpExecArray, open: string[]): State | undefined {
  const closes = token === (open.at(-1) === '{' ? '}' : ']') && open.length > 0;
  if (closes && (state === 'after' || state === 'first-key' || state === 'first-value')) {
    open.pop();
    return 'after';
  }
  switch (state) {
    case 'colon':
      return token === ':' ? 'value' : undefined;
    case 'key':
    case 'first-key':
      return string === undefined ? undefined : 'colon';
    case 'after':
      if (token !== ',' || open.length === 0) return undefined;
      return open.at(-1) === '{' ? 'key' : 'value';
    case 'value':
    case 'first-value':
      if (mark === undefined) return 'after';
      if (mark !== '{' && mark !== '[') return undefined;
      open.push(mark);
      return mark === '{' ? 'first-key' : 'first-value';
  }
}

function skip(text: string, index: number, what = WHITE_SPACE): number {
  what.lastIndex = index;
  what.exec(text);
  return what.lastIndex;
}
