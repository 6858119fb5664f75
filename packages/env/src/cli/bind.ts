import {envFlag, Flags, outFlag, StepCommand} from '@keelson/cli-kit';

import type {BoundEnv} from '../bind.ts';
import {appFlag, requiredBy, requiredFlag} from './required-flag.ts';

export default class Bind extends StepCommand {
  static override summary = 'Bind env files to one configuration that has everything the app needs.';
  static override description =
    'With --out it is written for its owner alone (0600): the value as JSON where the name ends in .json, else a .env file.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --env defaults.env,production.env --out bound.env',
    '<%= config.bin %> <%= command.id %> --env production.env --require PORT:port --json --show',
  ];
  static override flags = {
    env: envFlag(),
    app: appFlag(),
    require: requiredFlag(),
    expand: Flags.boolean({summary: 'Put values for $NAME, ${NAME} and ${NAME:-default}.'}),
    show: Flags.boolean({summary: 'Show the values.'}),
    out: outFlag('File to write.'),
  };

  override async run(): Promise<BoundEnv> {
    const {flags} = await this.parse(Bind);
    const {bindEnv, readEnvFiles, redactEnv, serializeEnv, writeBoundEnv} = await import('../index.ts');
    const {app, env, expand, out, show} = flags;
    const required = await requiredBy({app, require: flags.require}, this.signal);
    const layers = await readEnvFiles(env, {dir: app, expand, signal: this.signal});
    const bound = bindEnv(layers, {required, outer: process.env});
    if (!flags.quiet)
      for (const {path, line, message} of bound.warnings) this.warn(`${path}:${line}: ${message}`);
    if (out !== undefined) await writeBoundEnv(bound, out);
    const value = show ? bound : redactEnv(bound);
    const count = Object.keys(bound.values).length;
    if (out !== undefined) this.print(`${count} values in ${out} (${bound.digest})`);
    else if (!show) for (const [name, text] of Object.entries(value.values)) this.print(`${name}=${text}`);
    else if (!this.jsonEnabled()) process.stdout.write(serializeEnv(bound.values));
    return value;
  }
}
