import type {TemplateOptions} from '../load-templates.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {renderJobs} from './upstart.ts';

export {CAPABILITIES, capabilityOf, DIRECTORY, manager, readFiles} from './upstart.ts';

export const renderFiles = (
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> => renderJobs('upstart-single', {model, planned}, options);
