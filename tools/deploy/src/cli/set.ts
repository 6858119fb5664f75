import {Flags, StepCommand, UsageError} from '@keelson/cli-kit';
import {rootFlag} from '../server-flags.ts';
import type {Settled} from '../settle.ts';

export default class Set extends StepCommand {
  static override summary =
    'Change a setting of a deployment (keelson.json, or a value of the app) for the next deploy.';
  static override description = `action NAME COMMAND… · env KEY=VALUE… · persistent FOLDER… · formation TYPE=N… (a type that is not named does not run; all=N names the rest) · assets FOLDER… ·
entrypoint TYPE [COMMAND…] [KEY=VALUE…] · tools node=RANGE · tooltune node KEY=VALUE… (minMemory, connMemory, maxInstances …) ·
webcfg root=FOLDER main=TYPE · webcfg mounts PATH=TYPE… · webmount PATH TYPE or KEY=VALUE… (app, serve) · health.path PATH ·
health.timeoutMs N · environment NAME · keep N · disk SIZE · bakeMs N · memory SIZE · cpus N · port N · key FILE · user NAME · group NAME · tmpDir DIR.
KEY= removes; one '{json}' stands for all KEY=VALUE. Keelson has no web server: what webcfg says is checked, and written to
.keelson/merged.json for the one that you have.`;
  static override strict = false;
  static override examples = [
    '<%= config.bin %> <%= command.id %> formation web=2 worker=0 --root /srv/keelson/shop',
    '<%= config.bin %> <%= command.id %> action migrate @default "npm run seed" --root /srv/keelson --app shop',
    '<%= config.bin %> <%= command.id %> entrypoint web minMemory=128M maxInstances=4 --root /srv/keelson/shop',
  ];
  static override flags = {
    root: rootFlag(),
    app: Flags.string({summary: 'Name of the app, where --root is a server’s.', helpValue: 'NAME'}),
  };

  override async run(): Promise<Settled> {
    const {argv, flags} = await this.parse(Set);
    if (argv.length === 0) throw new UsageError('which setting?', 'keelson deploy set --help lists them.');
    const {settle} = await import('../settle.ts');
    const done = await settle('set', argv as string[], {...flags, signal: this.signal});
    this.print(done.kind === 'settings' ? JSON.stringify(done.settings, null, 2) : done.line);
    return done;
  }
}
