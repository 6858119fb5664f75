import {envFlag, Flags, StepCommand} from '@keelson/cli-kit';

import type {BoundEnv} from '../bind.ts';

export default class Check extends StepCommand {
  static override summary = 'Check env files: every bad line and every missing name is told at once.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --env .env --require DATABASE_URL,SESSION_SECRET',
  ];
  static override flags = {
    env: envFlag(),
    require: Flags.string({
      summary: 'A name that has to be set.',
      helpValue: 'NAME',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
    }),
  };

  override async run(): Promise<BoundEnv> {
    const {flags} = await this.parse(Check);
    const {bindEnv, readEnvFiles, redactEnv} = await import('../index.ts');
    const bound = bindEnv(await readEnvFiles(flags.env, this.step), {required: flags.require});
    this.print(`valid env detected (${Object.keys(bound.values).join(', ')})`);
    return redactEnv(bound);
  }
}
