import {appWord} from '../../server-flags.ts';
import {configFlags} from '../../config-flags.ts';
import type {ConfigChanged} from '../../config-edit.ts';
import {ConfigCommand} from './change-command.ts';

export default class ConfigSet extends ConfigCommand {
  static override summary = 'Set values of an app, and roll the release that runs to them.';
  static override description =
    'With - instead of KEY=VALUE a .env is read from stdin: what stands on a command line, others can see.';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> <%= command.id %> guestbook TITLE="Our guests" --root /srv/keelson',
    '<%= config.bin %> <%= command.id %> - --root /srv/keelson/guestbook < secrets.env',
  ];
  static override args = {app: appWord('; then KEY=VALUE …, or -')};
  static override flags = configFlags;

  override async run(): Promise<ConfigChanged> {
    const {argv, flags} = await this.parse(ConfigSet);
    const {splitApp} = await import('../../app-releases.ts');
    const {assignmentsOf} = await import('../../config-edit.ts');
    const {app = flags.app, rest} = splitApp(argv as string[], flags.root);
    const values = rest[0] === '-' ? await this.#stdin() : assignmentsOf(rest);
    return this.change({edit: 'set', values}, {...flags, app});
  }

  async #stdin(): Promise<Record<string, string>> {
    const {text} = await import('node:stream/consumers');
    const {parseEnv} = await import('@keelson/env');
    return {...parseEnv(await text(process.stdin), {path: 'stdin'})};
  }
}
