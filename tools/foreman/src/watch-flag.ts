import {Flags} from '@keelson/cli-kit';

/** `--watch` and `--watch=GLOB`, repeatable; `watchWords` puts in the `=`. */
export const watchFlags = () => ({
  watch: Flags.string({
    summary: 'Restart what a change of its files concerns. Default: the sources of the app. Repeatable.',
    helpValue: '[[TYPE=]GLOB]',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'no-watch': Flags.boolean({summary: 'Leave the watch globs of package.json alone.', exclusive: ['watch']}),
});

/** What types and formations are made of: `web`, `web=2,worker`. Anything else behind `--watch` is a glob. */
const FORMATION = /^[\w=,-]+$/;

/** oclif knows no flag whose value may be left out: `--watch` becomes `--watch=`, `--watch GLOB` becomes `--watch=GLOB`. */
export function watchWords(argv: readonly string[]): string[] {
  const words: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!;
    if (word === '--') return [...words, ...argv.slice(index)];
    const next = argv[index + 1];
    const isGlob = next !== undefined && !next.startsWith('-') && !FORMATION.test(next);
    if (word === '--watch') words.push(isGlob ? `--watch=${argv[++index]}` : '--watch=');
    else words.push(word);
  }
  return words;
}
