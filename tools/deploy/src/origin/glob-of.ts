/** A pattern of fnmatch(3) as a test for whole names: `*`, `?`, `[a-z]`, `[!a-z]`. A bracket that nobody closes stands for itself. */
export function globOf(pattern: string): (name: string) => boolean {
  const source = pattern.replaceAll(
    /\*+|\?|\[([!^]?)(\]?[^\]]*)\]|[\s\S]/g,
    (part: string, not?: string, set?: string) => {
      if (part.startsWith('*')) return '[^]*';
      if (part === '?') return '[^]';
      if (set !== undefined && set !== '') return classOf(not !== '', set);
      return part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    },
  );
  const whole = new RegExp(`^${source}$`);
  return (name) => whole.test(name);
}

/** A range that runs backwards matches nothing, as in fnmatch. */
function classOf(negated: boolean, set: string): string {
  const parts = [...set.matchAll(/([^])-([^])|([^])/g)].flatMap(([, from, to, one]) => {
    if (one !== undefined) return [escaped(one)];
    return from! <= to! ? [`${escaped(from!)}-${escaped(to!)}`] : [];
  });
  if (parts.length === 0) return negated ? '[^]' : '[]';
  return `[${negated ? '^' : ''}${parts.join('')}]`;
}

function escaped(character: string): string {
  return character.replace(/[\\\]^-]/, '\\$&');
}
