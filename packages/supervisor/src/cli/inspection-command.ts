import {resolve} from 'node:path';
import {Flags, StepCommand} from '@keelson/cli-kit';
import type {Control} from '../control.ts';
import type {Inspection} from '../control-protocol.ts';

/** Where the workers write to, from where the command runs. */
export const outFolderFlag = Flags.string({
  char: 'o',
  summary: 'Folder for the files; made when it is missing.',
  helpValue: 'DIR',
  default: '.',
});

/** A command that lets workers write files about themselves; fails when one did not. */
export abstract class InspectionCommand extends StepCommand {
  protected async inspect(
    {control: path, out}: {readonly control: string; readonly out: string},
    how: (control: Control, folder: string) => Promise<Inspection>,
  ): Promise<Inspection> {
    const {controlAt} = await import('../control.ts');
    const inspection = await how(controlAt(path), resolve(out));
    for (const {path: file, worker} of inspection.files) this.print(`${worker} ${file}`);
    for (const {because, worker} of inspection.failed) this.logToStderr(`${worker}: ${because}`);
    if (inspection.failed.length > 0) process.exitCode = 1;
    return inspection;
  }
}
