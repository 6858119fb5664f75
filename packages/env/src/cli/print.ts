import {envFlag, Flags, StepCommand} from '@keelson/cli-kit';

import type {BoundEnv} from '../bind.ts';

export default class Print extends StepCommand {
  static override summary = 'Print what env files amount to, later ones winning.';
  static override description =
    'Values are redacted; with --show the output is itself a .env file. Lines that are no assignment are skipped with a warning.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --env .env,.env.production --show',
  ];
  static override flags = {
    env: envFlag(),
    show: Flags.boolean({summary: 'Show the values.'}),
    expand: Flags.boolean({summary: 'Put values for $NAME, ${NAME} and ${NAME:-default}.'}),
  };

  override async run(): Promise<BoundEnv> {
    const {flags} = await this.parse(Print);
    const {bindEnv, readEnvFiles, redactEnv, serializeEnv} = await import('../index.ts');
    const layers = await readEnvFiles(flags.env, {
      lenient: true,
      expand: flags.expand,
      signal: this.signal,
    });
    const bound = bindEnv(layers, {outer: process.env});
    if (!flags.quiet)
      for (const {path, line, message} of bound.warnings) this.warn(`${path}:${line}: ${message}`);
    if (!flags.show) {
      const redacted = redactEnv(bound);
      for (const [name, value] of Object.entries(redacted.values)) this.print(`${name}=${value}`);
      return redacted;
    }
    // `print` takes credentials out of URLs: here they were asked for.
    if (!this.jsonEnabled()) process.stdout.write(serializeEnv(bound.values));
    return bound;
  }
}
