const emoji = {
  wave: '👋',
  heart: '❤️',
  smile: '😊',
  tada: '🎉',
  rocket: '🚀',
  sailboat: '⛵',
  anchor: '⚓',
  coffee: '☕',
  sun: '☀️',
  star: '⭐',
};

/** What the worker makes of an entry: its message with `:wave:` and the like as emoji, and the number of its words. */
export function readEntry({message}) {
  const shown = message.replace(/:([a-z]+):/g, (code, word) =>
    Object.hasOwn(emoji, word) ? emoji[word] : code,
  );
  return {message: shown, words: message.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)?.length ?? 0};
}
