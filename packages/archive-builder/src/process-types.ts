import {readProcfile} from '@keelson/procfile';
import {isFault, type StepOptions} from '@keelson/step';

/** Types of the app's Procfile; none for an app that is only carried, not run. A Procfile that is there must be right. */
export async function processTypes(dir: string, options: StepOptions): Promise<string[]> {
  try {
    const {types} = await readProcfile(dir, options);
    return types.map(({name}) => name);
  } catch (error) {
    if (isFault(error) && error.code === 'PROCFILE_MISSING') return [];
    throw error;
  }
}
