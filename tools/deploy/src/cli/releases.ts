import {StepCommand} from '@keelson/cli-kit';
import type {Release} from '@keelson/releases';
import {appWord, rootFlag} from '../server-flags.ts';

export default class Releases extends StepCommand {
  static override summary = 'List the releases of an app.';
  static override examples = ['<%= config.bin %> <%= command.id %> guestbook --root /srv/keelson'];
  static override args = {app: appWord()};
  static override flags = {root: rootFlag()};

  override async run(): Promise<{kind: 'releases'; current: number | undefined; releases: Release[]}> {
    const {args, flags} = await this.parse(Releases);
    const {appReleases} = await import('../app-releases.ts');
    const found = await appReleases(flags.root, args.app);
    for (const {number, version, state, createdAt, digest, config} of found.releases) {
      const mark = number === found.current ? '*' : ' ';
      this.print(`${mark} ${number}  ${version}  ${state}  ${createdAt}  config ${config}  ${digest}`);
    }
    return found;
  }
}
