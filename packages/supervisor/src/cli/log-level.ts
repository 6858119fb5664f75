import {Args, StepCommand} from '@keelson/cli-kit';
import type {Told} from '../control-protocol.ts';
import {controlFlag} from '../control-flags.ts';

export default class LogLevel extends StepCommand {
  static override summary = 'Ask the apps to log more or less.';
  static override description =
    "The app of each web worker gets the message {type: 'log-level', level} by process.on('message'): it has to act on it.";
  static override examples = ['<%= config.bin %> <%= command.id %> debug --control run.sock'];
  static override args = {
    level: Args.string({description: 'A word that the app knows.', required: true}),
    target: Args.string({description: 'A type, an instance or a worker. Default: all.'}),
  };
  static override flags = {control: controlFlag};

  override async run(): Promise<Told> {
    const {args, flags} = await this.parse(LogLevel);
    const {controlAt} = await import('../control.ts');
    const told = await controlAt(flags.control).logLevel({level: args.level, target: args.target}, this.step);
    this.print(`${told.workers} ${told.workers === 1 ? 'worker was' : 'workers were'} told`);
    if (told.workers === 0) process.exitCode = 1;
    return told;
  }
}
