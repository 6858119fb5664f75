import {StepCommand, UsageError} from '@keelson/cli-kit';
import type {ReleaseDifference} from '../diff-releases.ts';
import {appWord, rootFlag} from '../server-flags.ts';

export default class Diff extends StepCommand {
  static override summary =
    'Show what differs between two releases: files, rendered ones, and names of configuration values.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> guestbook 3 4 --root /srv/keelson',
    '<%= config.bin %> <%= command.id %> 3 4 --root /srv/keelson/guestbook',
  ];
  static override strict = false;
  static override args = {app: appWord('; then the numbers of two releases')};
  static override flags = {root: rootFlag()};

  override async run(): Promise<ReleaseDifference> {
    const {argv, flags} = await this.parse(Diff);
    const {appRoot, splitApp} = await import('../app-releases.ts');
    const {differenceLines, diffReleases} = await import('../diff-releases.ts');
    const {releaseNumber} = await import('../release-number.ts');
    const {app, rest} = splitApp(argv as string[], flags.root);
    const [from = '', to] = rest;
    if (to === undefined || rest.length > 2)
      throw new UsageError('diff takes the numbers of two releases', 'keelson deploy releases lists them.');
    const numbers = [releaseNumber(from), releaseNumber(to)] as const;
    const difference = await diffReleases(appRoot(flags.root, app), numbers, this.step);
    for (const line of differenceLines(difference)) this.print(line);
    return difference;
  }
}
