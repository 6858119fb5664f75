import {readFile} from 'node:fs/promises';

import {ExportFault} from './fault.ts';
import type {ServiceModel} from './service-model.ts';

/** A service model from a JSON file. It is checked when it is rendered. Faults: EXPORT_MODEL. */
export async function loadModel(path: string): Promise<ServiceModel> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text) as ServiceModel;
  } catch (cause) {
    throw new ExportFault('EXPORT_MODEL', `${path} is not JSON`, {cause});
  }
}
