import {UsageError} from '@keelson/cli-kit';
import {appWord} from '../../server-flags.ts';
import {configFlags} from '../../config-flags.ts';
import type {ConfigChanged} from '../../config-edit.ts';
import {ConfigCommand} from './change-command.ts';

export default class ConfigRevert extends ConfigCommand {
  static override summary =
    'Make the values of an earlier revision the newest, and roll the release that runs to them.';
  static override strict = false;
  static override examples = ['<%= config.bin %> <%= command.id %> guestbook 3 --root /srv/keelson'];
  static override args = {app: appWord('; then the number of a revision')};
  static override flags = configFlags;

  override async run(): Promise<ConfigChanged> {
    const {argv, flags} = await this.parse(ConfigRevert);
    const {splitApp} = await import('../../app-releases.ts');
    const {releaseNumber} = await import('../../release-number.ts');
    const {app = flags.app, rest} = splitApp(argv as string[], flags.root);
    if (rest.length !== 1)
      throw new UsageError('revert takes the number of a revision', 'config show lists them.');
    return this.change({edit: 'revert', revision: releaseNumber(rest[0] ?? '')}, {...flags, app});
  }
}
