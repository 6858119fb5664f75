import {resolve} from 'node:path';
import {Flags, StepCommand} from '@keelson/cli-kit';

export default class Setup extends StepCommand {
  static override summary = 'Make a deploy root for an app, before its first deploy.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --root /srv/keelson/shop --owner shop --environment production',
  ];
  static override flags = {
    root: Flags.string({summary: 'Folder to make, or an empty one.', helpValue: 'DIR', required: true}),
    owner: Flags.string({summary: 'User whom it is to belong to; needs root.', helpValue: 'USER'}),
    environment: Flags.string({summary: 'What this deployment is, for the journal.', helpValue: 'NAME'}),
    'limit-memory': Flags.string({summary: 'Memory of all its processes together.', helpValue: '512M'}),
    'limit-cpus': Flags.string({summary: 'CPUs of all its processes together.', helpValue: '1.5'}),
    user: Flags.string({summary: 'Who the app runs as, when root deploys it.', helpValue: 'USER'}),
    group: Flags.string({summary: 'Group of its units, when root deploys it.', helpValue: 'GROUP'}),
    'runtime-dir': Flags.string({summary: 'Where sockets lie: runtime leads there.', helpValue: 'DIR'}),
    'tmp-dir': Flags.string({summary: 'TMPDIR of its processes.', helpValue: 'DIR'}),
    port: Flags.integer({summary: 'First port of the app.', helpValue: 'N', min: 1, max: 65_535}),
    keep: Flags.integer({summary: 'Releases kept for a rollback.', helpValue: 'N', min: 1}),
  };

  override async run(): Promise<{kind: 'deploy-root'; root: string; settings: object}> {
    const {flags} = await this.parse(Setup);
    const {setUp} = await import('../set-up.ts');
    const {'limit-memory': memory, 'limit-cpus': cpus, 'tmp-dir': tmp, 'runtime-dir': runtimeDir} = flags;
    const {environment, port, keep, user, group, owner, root} = flags;
    const settings = {
      memory,
      cpus: cpus === undefined ? undefined : Number(cpus),
      environment,
      port,
      keep,
      user,
      group,
      tmpDir: tmp === undefined ? undefined : resolve(tmp),
    };
    const made = await setUp(root, {settings, owner, runtimeDir, signal: this.signal});
    this.print(`${made.root} is ready: keelson deploy ARCHIVE --root ${made.root}`);
    return made;
  }
}
