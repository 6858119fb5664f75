import {Args, Flags, formationFlag, portFlag, StepCommand} from '@keelson/cli-kit';

import type {Instance} from '../instances.ts';

export default class Ports extends StepCommand {
  static override summary = 'List the instances of a formation and their ports.';
  static override examples = ['<%= config.bin %> <%= command.id %> --formation web=2,worker=1 --port 3000'];
  static override args = {
    file: Args.string({
      description: 'A Procfile. Default: ./Procfile, else the start script of ./package.json.',
    }),
  };
  static override flags = {
    formation: formationFlag(),
    port: portFlag({default: 5000, summary: 'Port of the first instance of the first type.'}),
    'port-step': Flags.integer({summary: 'Distance between types.', helpValue: 'N', min: 1, default: 100}),
  };

  override async run(): Promise<Instance[]> {
    const {args, flags} = await this.parse(Ports);
    const {expandFormation, parseFormation, readProcfile} = await import('../index.ts');
    const procfile = await readProcfile('.', {file: args.file, ...this.step});
    const instances = expandFormation(procfile, parseFormation(flags.formation ?? ''), {
      basePort: flags.port,
      portStep: flags['port-step'],
    });
    for (const {name, port} of instances) this.print(`${name} ${port}`);
    return instances;
  }
}
