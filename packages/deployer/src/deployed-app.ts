import type {AppManifest} from '@keelson/manifest';
import type {Procfile} from '@keelson/procfile';
import type {DeploySettings} from '@keelson/releases';

/** What an app says of its processes. */
export interface SaidByApp {
  readonly manifest: AppManifest;
  readonly procfile: Procfile;
}

/**
 * The same with what the deployment says over it: another command of a type, or a type more; of what a type needs each value by itself, that
 * of its entry point over the app's over `toolTune.node`.
 */
export function deployedApp<T extends SaidByApp>(app: T, {entryPoints = {}, toolTune}: DeploySettings): T {
  const {types} = app.procfile;
  const replaced = types.map((type) => ({...type, command: entryPoints[type.name]?.command ?? type.command}));
  const added = Object.entries(entryPoints).flatMap(([name, {command}]) =>
    command === undefined || types.some((type) => type.name === name) ? [] : [{name, command, line: 0}],
  );
  const all = [...replaced, ...added];
  const own = app.manifest.app.processes;
  const processes = Object.fromEntries(
    all.map(({name}) => [name, {...toolTune?.node, ...own[name], ...entryPoints[name]?.tune}]),
  );
  const manifest = {...app.manifest, app: {...app.manifest.app, processes: {...own, ...processes}}};
  return {...app, manifest, procfile: {...app.procfile, types: all}};
}

/** Folders that outlive releases: the app's and the deployment's. */
export function persistentOf({app}: AppManifest, {persistent = []}: DeploySettings): string[] {
  return [...new Set([...app.persistent, ...persistent.map((path) => path.replace(/\/+$/, ''))])];
}
