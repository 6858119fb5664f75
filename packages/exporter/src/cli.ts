import {Args, Flags, outFlag, StepCommand} from '@keelson/cli-kit';

import {formatFlag} from './format-flags.ts';
import type {InstallPlan} from './plan-install.ts';
import type {Rendering} from './render-units.ts';
import type {ServiceModel} from './service-model.ts';

export default class Render extends StepCommand {
  static override summary = 'Render a service model (JSON) as the files of a process manager.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ./model.json',
    '<%= config.bin %> <%= command.id %> - --out /etc/systemd/system < model.json',
  ];
  static override args = {
    model: Args.string({required: true, description: 'JSON file with a service model, or - for stdin.'}),
  };
  static override flags = {
    format: formatFlag(),
    template: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'Directory with templates of your own (FORMAT/NAME.hbs), asked before the built-in ones.',
      helpValue: 'DIR',
    }),
    strict: Flags.boolean({summary: 'Fail when the format has no word for a field that is set.'}),
    out: outFlag('Directory to write the files to; without it they are printed, but for secret ones.'),
  };

  override async run(): Promise<Rendering | InstallPlan> {
    const {args, flags} = await this.parse(Render);
    const {installUnits, loadModel, planLines, renderUnits, reportNotes} = await import('./index.ts');
    const model = args.model === '-' ? await this.readValue('-') : await loadModel(args.model);
    const rendering = await renderUnits(flags.format, model as ServiceModel, {
      templates: flags.template,
      strict: flags.strict,
    });
    for (const line of reportNotes(rendering.report)) {
      const event = {type: 'export:noted', line};
      this.step.onEvent(event);
    }
    if (flags.out !== undefined) {
      const plan = await installUnits(rendering, flags.out, {signal: this.signal});
      for (const line of planLines(plan)) this.print(line);
      return plan;
    }
    for (const {path, content, mode} of rendering.files) {
      this.print(`==> ${path} <==\n${mode === 0o600 ? '(secret: see --out or --json)\n' : content}`);
    }
    return rendering;
  }
}
