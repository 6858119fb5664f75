import type {Capabilities} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {jsonMarker} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {capabilitiesOf, FIELDS, native} from './capabilities.ts';

export const DIRECTORY = '/etc/keelson/units';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  native(Object.fromEntries(FIELDS.map((field) => [field, 'as it is']))),
);

/** Every instance with its own variables, port, directory and words, and everything that the model says of it: for programs of one's own. */
export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
): Promise<UnitFile[]> {
  const {processes: _, ...app} = model;
  const instances = planned.map(({of, defaultPath, env, ...one}) => {
    const {command: _command, env: _env, instances: _instances, ...rules} = of;
    return {...one, env: {PATH: defaultPath, ...env}, rules};
  });
  const content = JSON.stringify({...jsonMarker({app: model.name, format: 'json'}), app, instances}, null, 2);
  return [{path: `${model.name}.json`, content: `${content}\n`, mode: 0o600}];
}

type Instance = Omit<ReadProcess, 'file'>;

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  return files.flatMap(({path, content}) =>
    (JSON.parse(content) as {instances: Instance[]}).instances.map(({env, argv, cwd, user, group}) => ({
      file: path,
      env,
      argv,
      cwd,
      user,
      group,
    })),
  );
}
