import {StepCommand} from '@keelson/cli-kit';
import type {DeployEvent} from '@keelson/deployer';
import type {ConfigChanged, ConfigEdit} from '../../config-edit.ts';
import type {HereFlags} from '../../here-of.ts';
import type {PlaceWanted} from '../../deploy-place.ts';

interface Changing extends PlaceWanted, HereFlags {
  readonly roll: boolean;
}

/** What every command that changes the configuration does with the change. */
export abstract class ConfigCommand extends StepCommand {
  #line: ((event: DeployEvent) => string | undefined) | undefined;

  protected async change(edit: ConfigEdit, flags: Changing): Promise<ConfigChanged> {
    const {changeConfig} = await import('../../config-edit.ts');
    const {placeToConfigure} = await import('../../deploy-place.ts');
    const {hereOf} = await import('../../here-of.ts');
    const {deployLine, resultLines} = await import('../../deploy-line.ts');
    this.#line = deployLine;
    const place = await placeToConfigure(flags);
    const here = hereOf(flags, process.env);
    const changed = await changeConfig(place, edit, {step: this.step, here, roll: flags.roll});
    this.print(`${place.app}: config revision ${changed.revision}`);
    if (changed.deployment === undefined) this.print('the next deploy binds it');
    else for (const line of resultLines(place.app, changed.deployment)) this.print(line);
    if (changed.deployment?.result === 'refused') {
      this.print(
        `config revision ${changed.revision} is set aside: the next deploy binds what was configured before`,
      );
      process.exitCode = 1;
    }
    return changed;
  }

  protected override describe(event: {readonly type: string}): string | undefined {
    return this.#line?.(event as DeployEvent);
  }
}
