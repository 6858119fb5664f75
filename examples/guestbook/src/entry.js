/** The longest name and message, in UTF-16 code units, as browsers count for `maxlength`. */
export const longest = {name: 60, message: 500};

/** What a visitor sent, cleaned: `{entry}`, or `{problem}` that says what to change. */
export function parseEntry(form) {
  const name = clean(form?.name).replace(/\s+/g, ' ');
  const message = clean(form?.message).replace(/\n{3,}/g, '\n\n');
  const entry = {name, message, writtenAt: new Date().toISOString()};
  return {entry, problem: problemOf(entry)};
}

function problemOf({name, message}) {
  if (name === '') return 'Please leave your name, too.';
  if (message === '') return 'Please write a line or two.';
  if (name.length > longest.name) return `A name has at most ${longest.name} characters.`;
  if (message.length > longest.message) return `A message has at most ${longest.message} characters.`;
}

/** Whole characters, no control characters but line feeds. */
function clean(text) {
  if (typeof text !== 'string') return '';
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n]/gu, '')
    .trim();
}
