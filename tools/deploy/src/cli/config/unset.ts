import {UsageError} from '@keelson/cli-kit';
import {appWord} from '../../server-flags.ts';
import {configFlags} from '../../config-flags.ts';
import type {ConfigChanged} from '../../config-edit.ts';
import {ConfigCommand} from './change-command.ts';

export default class ConfigUnset extends ConfigCommand {
  static override summary = 'Remove values of an app, and roll the release that runs.';
  static override strict = false;
  static override examples = ['<%= config.bin %> <%= command.id %> guestbook TITLE --root /srv/keelson'];
  static override args = {app: appWord('; then the names')};
  static override flags = configFlags;

  override async run(): Promise<ConfigChanged> {
    const {argv, flags} = await this.parse(ConfigUnset);
    const {splitApp} = await import('../../app-releases.ts');
    const {app = flags.app, rest} = splitApp(argv as string[], flags.root);
    if (rest.length === 0) throw new UsageError('unset takes the names of values', 'config show lists them.');
    return this.change({edit: 'unset', names: rest}, {...flags, app});
  }
}
