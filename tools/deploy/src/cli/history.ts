import {Flags, StepCommand} from '@keelson/cli-kit';
import type {JournalEntry} from '@keelson/releases';
import {appWord, rootFlag} from '../server-flags.ts';

export default class History extends StepCommand {
  static override summary = 'Show who changed what, and how it went.';
  static override examples = ['<%= config.bin %> <%= command.id %> guestbook --root /srv/keelson -n 5'];
  static override args = {app: appWord()};
  static override flags = {
    root: rootFlag(),
    lines: Flags.integer({char: 'n', summary: 'How many of the last.', helpValue: 'N', default: 30, min: 0}),
  };

  override async run(): Promise<{kind: 'history'; journal: JournalEntry[]}> {
    const {args, flags} = await this.parse(History);
    const {appRoot} = await import('../app-releases.ts');
    const {readReleases} = await import('@keelson/releases');
    const {journal} = await readReleases(appRoot(flags.root, args.app));
    const last = flags.lines === 0 ? [] : journal.slice(-flags.lines);
    for (const {at, what, result, by, release, version, config, because} of last) {
      const about = [release && `release ${release}`, version, config && `config ${config}`].filter(Boolean);
      this.print(
        `${at}  ${what}  ${result}  ${about.join(' ')}  by ${by}${because === undefined ? '' : `: ${because}`}`,
      );
    }
    return {kind: 'history', journal: last};
  }
}
