import {StepCommand} from '@keelson/cli-kit';
import {appWord, rootFlag} from '../server-flags.ts';

export default class Unlock extends StepCommand {
  static override summary =
    'Tell who holds the lock of a deploy root, and put right what a killed deploy has left.';
  static override description =
    'The kernel frees the lock when its holder dies; nobody has to take it away from one that lives.';
  static override examples = ['<%= config.bin %> <%= command.id %> guestbook --root /srv/keelson'];
  static override args = {app: appWord()};
  static override flags = {root: rootFlag()};

  override async run(): Promise<{kind: 'unlocked'; root: string}> {
    const {args, flags} = await this.parse(Unlock);
    const {appRoot} = await import('../app-releases.ts');
    const {openReleases} = await import('@keelson/releases');
    const root = appRoot(flags.root, args.app);
    // Opening recovers; a holder that lives is a fault which names it.
    await using _ = await openReleases(root, {reason: 'unlock', signal: this.signal});
    this.print(`${root} is free`);
    return {kind: 'unlocked', root};
  }
}
