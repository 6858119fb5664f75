import {Flags, StepCommand} from '@keelson/cli-kit';
import type {DemoEvent, DemoReport} from './demo.ts';

export default class Demo extends StepCommand {
  static override summary = 'Take a real app from its source tree to answered requests, and show each step.';
  static override flags = {
    keep: Flags.boolean({summary: 'Leave the app serving and say where, and how to stop it.'}),
  };

  override async run(): Promise<DemoReport> {
    const {flags} = await this.parse(Demo);
    const {demo} = await import('./demo.ts');
    return demo({
      keep: flags.keep,
      signal: this.signal,
      onEvent: (event) => this.show(event),
    });
  }

  private show(event: DemoEvent): void {
    if (event.type === 'demo:chapter-began') this.print(`\n[${event.number}/${event.of}] ${event.title}`);
    if (event.type === 'demo:command-ran') this.print(`  $ ${event.command}`);
    if (event.type === 'demo:line-came') this.print(`    ${event.line}`);
    if (event.type === 'demo:found') this.print(`  ✓ ${event.fact}`);
  }
}
