import {Args, envFlag, Flags, StepCommand} from '@keelson/cli-kit';

import type {BoundEnv} from '../bind.ts';
import type {EnvironmentsCheck} from '../check-environments.ts';
import {appFlag, requiredBy, requiredFlag} from './required-flag.ts';

export default class Check extends StepCommand {
  static override summary = 'Check env files: every bad line and every missing name is told at once.';
  static override description =
    'Values that other tools read differently, and names that are set twice, are warned about on stderr. No value is printed. With --config each file is the configuration of one environment, and is checked by itself for what the app requires.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --env .env --require DATABASE_URL:url,SESSION_SECRET',
    '<%= config.bin %> <%= command.id %> --app ../site',
    '<%= config.bin %> <%= command.id %> ./shop-1.2.0.tgz --config staging.env --config production.env',
  ];
  static override args = {
    archive: Args.string({
      description: 'An archive or a folder whose app says what is required, or - for the JSON value of one.',
    }),
  };
  static override flags = {
    env: envFlag(),
    app: appFlag(),
    require: requiredFlag(),
    expand: Flags.boolean({summary: 'Put values for $NAME, ${NAME} and ${NAME:-default} first.'}),
    config: Flags.string({
      summary: 'Configuration of one environment; repeat it for others.',
      helpValue: 'FILE',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      exclusive: ['env'],
    }),
  };

  override async run(): Promise<BoundEnv | EnvironmentsCheck> {
    const {args, flags} = await this.parse(Check);
    const {bindEnv, checkEnvironments, readEnvFiles, redactEnv} = await import('../index.ts');
    const {archivePath} = await import('./archive-path.ts');
    const archive = args.archive && archivePath(args.archive, await this.readValue(args.archive));
    const required = await requiredBy({archive, app: flags.app, require: flags.require}, this.signal);
    const {config, expand} = flags;
    if (config !== undefined) {
      const checked = await checkEnvironments(config, required, {expand, signal: this.signal});
      for (const {name, missing, wrong} of checked.environments) {
        const problems = [...(missing.length > 0 ? [`missing ${missing.join(', ')}`] : []), ...wrong];
        this.print(`${name}: ${problems.join('; ') || 'complete'}`);
      }
      if (!checked.complete) process.exitCode = 1;
      return checked;
    }
    const layers = await readEnvFiles(flags.env, {dir: flags.app, expand, signal: this.signal});
    const bound = bindEnv(layers, {required, outer: process.env});
    if (!flags.quiet)
      for (const {path, line, message} of bound.warnings) this.warn(`${path}:${line}: ${message}`);
    this.print(`valid env detected (${Object.keys(bound.values).join(', ')})`);
    return redactEnv(bound);
  }
}
