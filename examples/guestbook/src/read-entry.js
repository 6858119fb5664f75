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

const segmenter = new Intl.Segmenter('en', {granularity: 'word'});

/** What the worker makes of an entry: its message with `:wave:` and the like as emoji, and the number of its words. */
export function readEntry({message}) {
  const shown = message.replace(/:([a-z]+):/g, (code, word) =>
    Object.hasOwn(emoji, word) ? emoji[word] : code,
  );
  const words = [...segmenter.segment(shown)].filter(({isWordLike}) => isWordLike).length;
  return {message: shown, words};
}
