import type {AppManifest} from '@keelson/manifest';
import {expandFormation, type Instance, type Procfile} from '@keelson/procfile';
import type {DeploySettings, PortPlan} from '@keelson/releases';

/** Runs once before the switch, as on heroku; never long. */
export const RELEASE_PHASE = 'release';
const FIRST_PORT = 5000;

export interface FormationSources {
  readonly procfile: Procfile;
  readonly manifest: AppManifest;
  readonly settings: DeploySettings;
  readonly ports: {
    /** What the deploy root keeps. */
    readonly kept: PortPlan | undefined;
    /** Of the deploy target. */
    readonly base: number | undefined;
  };
}

export interface PlannedFormation {
  readonly instances: readonly Instance[];
  /** To be kept. */
  readonly ports: PortPlan;
}

/**
 * Which instances run, and on which ports. Counts: keelson.json of the deploy root, else the app's package.json, else one of
 * each type. A type keeps its ports when a release reorders the Procfile or leaves a type out.
 * Faults: those of procfile (FORMATION_UNKNOWN_TYPE, PROCFILE_EMPTY, PORT_INVALID, PORT_COLLISION).
 */
export function formationOf({procfile, manifest, settings, ports}: FormationSources): PlannedFormation {
  const types = procfile.types.filter(({name}) => name !== RELEASE_PHASE);
  const counts = new Map<string, number>(types.map(({name}) => [name, 0]));
  const chosen = chosenCounts(manifest, settings) ?? defaultCounts(types, manifest);
  for (const {type} of expandFormation({...procfile, types}, chosen)) counts.set(type, counts.get(type)! + 1);

  const kept = ports.kept?.types ?? [];
  const places = [...kept, ...types.map(({name}) => name).filter((name) => !kept.includes(name))];
  const placed = places.map(
    (name) => types.find((type) => type.name === name) ?? {name, command: '', line: 0},
  );
  const basePort = settings.port ?? ports.base ?? ports.kept?.base ?? FIRST_PORT;
  const exact = Object.fromEntries(places.map((name) => [name, counts.get(name) ?? 0]));
  const instances = expandFormation({...procfile, types: placed}, exact, {basePort});
  return {instances, ports: {base: basePort, types: places}};
}

function chosenCounts(
  manifest: AppManifest,
  settings: DeploySettings,
): Readonly<Record<string, number>> | undefined {
  return [settings.formation, manifest.app.formation].find(
    (formation) => formation !== undefined && Object.keys(formation).length > 0,
  );
}

/** `processes.<type>.instances` of the web type is the number of its workers. */
function defaultCounts(types: Procfile['types'], {app}: AppManifest): Record<string, number> {
  return Object.fromEntries(
    types.map(({name}) => [name, name === 'web' ? 1 : (app.processes[name]?.instances ?? 1)]),
  );
}
