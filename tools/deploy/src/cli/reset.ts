import {Flags, StepCommand} from '@keelson/cli-kit';
import {rootFlag} from '../server-flags.ts';
import type {Settled} from '../settle.ts';

export default class Reset extends StepCommand {
  static override summary =
    'Take a setting of a deployment back, or all of keelson.json: what the app says counts again.';
  static override description =
    'The words of deploy set, without values: action, env, persistent, formation, assets, entrypoint, tools, tooltune, webcfg, webmount – each with names, or as a whole –, health, keep …';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> <%= command.id %> formation worker --root /srv/keelson/shop',
    '<%= config.bin %> <%= command.id %> action --root /srv/keelson/shop',
  ];
  static override flags = {
    root: rootFlag(),
    app: Flags.string({summary: 'Name of the app, where --root is a server’s.', helpValue: 'NAME'}),
  };

  override async run(): Promise<Settled> {
    const {argv, flags} = await this.parse(Reset);
    const {settle} = await import('../settle.ts');
    const done = await settle('reset', argv as string[], {...flags, signal: this.signal});
    this.print(done.kind === 'settings' ? JSON.stringify(done.settings, null, 2) : done.line);
    return done;
  }
}
