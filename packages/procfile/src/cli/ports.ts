import {Args, Flags, formationFlag, StepCommand, UsageError} from '@keelson/cli-kit';

import type {PortPlan} from '../plan-ports.ts';

export default class Ports extends StepCommand {
  static override summary = 'List the instances of a formation and their ports.';
  static override description =
    'A type keeps its ports whatever else is started: they follow its place in the Procfile. Types that keelson.processes in package.json gives a port have that one; keelson.formation there is the default.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> web=2,worker=1',
    '<%= config.bin %> <%= command.id %> all=2 --base 3000 --json',
  ];
  static override args = {
    formation: Args.string({
      description: 'As web=2,worker or all=1,worker=0. Default: package.json, else one of each.',
    }),
  };
  static override flags = {
    file: Flags.string({
      char: 'f',
      summary: 'A Procfile. Default: ./Procfile, else the start script of ./package.json.',
      helpValue: 'FILE',
    }),
    formation: formationFlag(),
    base: Flags.integer({
      char: 'p',
      aliases: ['port'],
      min: 1,
      max: 65_535,
      summary:
        'Port of the first instance of the first type. Default: PORT of .env, else of the environment, else 5000.',
      helpValue: 'N',
    }),
    'port-step': Flags.integer({summary: 'Distance between types.', helpValue: 'N', min: 1, default: 100}),
    'no-port': Flags.boolean({summary: 'Only the names: no instance is told a port.'}),
    compat: Flags.string({
      summary: 'nf: count places in the formation as it is written, as node-foreman does.',
      options: ['nf'],
    }),
  };

  override async run(): Promise<PortPlan> {
    const {args, flags} = await this.parse(Ports);
    if (args.formation !== undefined && flags.formation !== undefined)
      throw new UsageError('two formations: --formation and an argument', 'Give one of them.');
    const {formationArgument} = await import('../formation-argument.ts');
    const {planPorts} = await import('../plan-ports.ts');
    const plan = await planPorts('.', {
      file: flags.file,
      formation: formationArgument(args.formation ?? flags.formation),
      basePort: flags.base,
      environment: process.env,
      ports: {portStep: flags['port-step'], portsBy: flags.compat === 'nf' ? 'selection' : 'procfile'},
      noPort: flags['no-port'],
      signal: this.signal,
    });
    for (const {name, port} of plan.ports) this.print(port === undefined ? name : `${name} ${port}`);
    return plan;
  }
}
