import {envFlag, Flags, StepCommand} from '@keelson/cli-kit';

import type {BoundEnv} from '../bind.ts';
import {appFlag, requiredBy, requiredFlag} from './required-flag.ts';

export default class Check extends StepCommand {
  static override summary = 'Check env files: every bad line and every missing name is told at once.';
  static override description =
    'Values that other tools read differently, and names that are set twice, are warned about on stderr. No value is printed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --env .env --require DATABASE_URL:url,SESSION_SECRET',
    '<%= config.bin %> <%= command.id %> --app ../site',
  ];
  static override flags = {
    env: envFlag(),
    app: appFlag(),
    require: requiredFlag(),
    expand: Flags.boolean({summary: 'Put values for $NAME, ${NAME} and ${NAME:-default} first.'}),
  };

  override async run(): Promise<BoundEnv> {
    const {flags} = await this.parse(Check);
    const {bindEnv, readEnvFiles, redactEnv} = await import('../index.ts');
    const required = await requiredBy({app: flags.app, require: flags.require}, this.signal);
    const {expand} = flags;
    const layers = await readEnvFiles(flags.env, {dir: flags.app, expand, signal: this.signal});
    const bound = bindEnv(layers, {required, outer: process.env});
    if (!flags.quiet)
      for (const {path, line, message} of bound.warnings) this.warn(`${path}:${line}: ${message}`);
    this.print(`valid env detected (${Object.keys(bound.values).join(', ')})`);
    return redactEnv(bound);
  }
}
