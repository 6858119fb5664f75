import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import {kubeletText} from './escape.ts';

/** Where the variables of a container come from. What is named later wins, and `env` over all. */
export interface Variables {
  /** What the machine's side decides, for everyone to read. */
  readonly config: Readonly<Record<string, string>>;
  /** What the app is configured with. */
  readonly secret: Readonly<Record<string, string>>;
  readonly env: readonly object[];
}

/** A replica is called what its pod is called. */
const OWN_NAME = {name: 'PS', valueFrom: {fieldRef: {fieldPath: 'metadata.name'}}};

export function variables(model: CompleteModel, one: PlannedProcess): Variables {
  const {PS: name, ...rest} = one.env;
  const named = name === one.name;
  const values = named ? rest : one.env;
  const own = named ? [OWN_NAME] : [];
  if (model.envStorage === 'inline') {
    const all = Object.entries({PATH: one.defaultPath, ...values});
    const env = all.map(([key, value]) => ({name: key, value: kubeletText(value)}));
    return {config: {}, secret: {}, env: [...env, ...own]};
  }
  const port = one.of.port?.env;
  const isPort = (key: string) => key === port && values[key] === String(one.port);
  const entries = Object.entries(values);
  return {
    config: {PATH: one.defaultPath, ...Object.fromEntries(entries.filter(([key]) => isPort(key)))},
    secret: Object.fromEntries(entries.filter(([key]) => !isPort(key))),
    env: own,
  };
}
