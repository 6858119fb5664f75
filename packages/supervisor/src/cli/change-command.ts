import {StepCommand} from '@keelson/cli-kit';
import type {Control} from '../control.ts';
import type {Change} from '../control-protocol.ts';

/** A command that asks for a change: prints what became of it, and fails when it was refused. */
export abstract class ChangeCommand extends StepCommand {
  protected async ask(path: string, how: (control: Control) => Promise<Change>): Promise<Change> {
    const {controlAt} = await import('../control.ts');
    const {changeOutcome} = await import('../change-outcome.ts');
    const change = await how(controlAt(path));
    const {ok, text} = changeOutcome(change);
    if (ok) this.print(text);
    else this.logToStderr(text);
    if (!ok) process.exitCode = 1;
    return change;
  }
}
