import {Flags, UsageError} from '@keelson/cli-kit';
import {appWord} from '../../server-flags.ts';
import {configFlags} from '../../config-flags.ts';
import type {ConfigChanged} from '../../config-edit.ts';
import {ConfigCommand} from './change-command.ts';

export default class ConfigImport extends ConfigCommand {
  static override summary =
    'Take all values of an app from a file, a URL or a git repository, and roll what runs to them.';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> <%= command.id %> guestbook ./production.env --root /srv/keelson',
    '<%= config.bin %> <%= command.id %> guestbook --config-server https://config.example.org/guestbook --token-file /etc/guestbook.token --root /srv/keelson',
    '<%= config.bin %> <%= command.id %> git+https://git.example.org/config.git#main:guestbook.env --root /srv/keelson/guestbook',
  ];
  static override args = {app: appWord('; then a file, https://…, or git+URL#REF:PATH')};
  static override flags = {
    ...configFlags,
    'config-server': Flags.string({
      summary:
        'URL that the app asks itself: only that and the token file are bound; another answer rolls the app.',
      helpValue: 'URL',
    }),
    'token-file': Flags.string({summary: 'File with the token for the URL.', helpValue: 'FILE'}),
  };

  override async run(): Promise<ConfigChanged> {
    const {argv, flags} = await this.parse(ConfigImport);
    const {splitApp} = await import('../../app-releases.ts');
    const {configDigest, readConfig} = await import('@keelson/deployer');
    const {readFile} = await import('node:fs/promises');
    const {app = flags.app, rest} = splitApp(argv as string[], flags.root);
    const file = flags['token-file'];
    const token = file === undefined ? process.env['KEELSON_TOKEN'] : (await readFile(file, 'utf8')).trim();
    const options = {signal: this.signal, token: token || undefined};
    const url = flags['config-server'];
    if (url !== undefined) {
      if (rest.length > 0) throw new UsageError('--config-server takes the place of a file or URL');
      const {reader} = await configDigest(url, options);
      const {configServerValues} = await import('../../bound-config-server.ts');
      return this.change({edit: 'import', values: configServerValues(url, file), reader}, {...flags, app});
    }
    const [input, ...more] = rest;
    if (input === undefined || more.length > 0)
      throw new UsageError('import takes a file, https://…, or git+URL#REF:PATH', 'Or --config-server URL.');
    const {layer, reader} = await readConfig(input, options);
    return this.change({edit: 'import', values: {...layer.values}, reader}, {...flags, app});
  }
}
