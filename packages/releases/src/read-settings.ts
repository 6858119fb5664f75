import {access, constants} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {userHome} from '@keelson/atomic-fs';
import type {DeploySettings, ProjectRules} from './deploy-settings.ts';
import {ReleaseFault} from './fault.ts';
import {readIfThere} from './release-store.ts';

/** Files with settings of all deployments, the weakest first. */
export function machineFiles(): readonly string[] {
  const ofUser = userFile();
  return ['/etc/keelson/keelson.json', ...(ofUser === undefined ? [] : [ofUser])];
}

function userFile(): string | undefined {
  const home = userHome();
  return home === undefined ? undefined : join(home, '.config/keelson/keelson.json');
}

/**
 * Reads and checks keelson.json of a deploy root, over that of the user, over that of the machine. A missing one says nothing, nor does
 * that of a user whose home is closed to this process: who gave up root's rights has root's HOME still. Fault RELEASE_SETTINGS.
 */
export async function readSettings(
  path: string,
  machine: readonly string[] = machineFiles(),
): Promise<DeploySettings> {
  const layers = await settingLayers(path, machine);
  return mergeSettings(layers.map(({settings}) => settings));
}

/** Settings and the file that they are from. */
export interface SettingLayer {
  /** Absolute. */
  readonly path: string;
  readonly settings: DeploySettings;
}

/** What `readSettings` merges, the weakest first; files that are not there are left out. Fault RELEASE_SETTINGS. */
export async function settingLayers(
  path: string,
  machine: readonly string[] = machineFiles(),
): Promise<SettingLayer[]> {
  const layers: SettingLayer[] = [];
  for (const file of machine) layers.push({path: file, settings: (await readChecked(file, 'machine')) ?? {}});
  layers.push({path, settings: (await readChecked(path, 'settings')) ?? {}});
  return layers.filter(({settings}) => Object.keys(settings).length > 0);
}

/** Later ones count, as a whole; what is in `toolTune.node` each by itself. */
function mergeSettings(layers: readonly DeploySettings[]): DeploySettings {
  return layers.reduce<DeploySettings>((below, above) => {
    const node = {...below.toolTune?.node, ...above.toolTune?.node};
    return {...below, ...above, ...(Object.keys(node).length > 0 && {toolTune: {node}})};
  }, {});
}

/** Reads and checks the keelson.deploy.json of an app; a missing one says nothing. Fault RELEASE_SETTINGS. */
export async function readProjectRules(path: string): Promise<ProjectRules> {
  return (await readChecked(path, 'project')) ?? {};
}

/** Checks what is to be written as keelson.json. Fault RELEASE_SETTINGS. */
export function settingsOf(text: string, path: string): Promise<DeploySettings> {
  return checked(text, path, 'settings');
}

type Kind = 'machine' | 'settings' | 'project';

const SCHEMAS: Readonly<Record<Kind, string>> = {
  machine: 'machine-schema.json',
  settings: 'schema.json',
  project: 'project-schema.json',
};

async function readChecked(path: string, which: Kind): Promise<object | undefined> {
  const text = await readReachable(path);
  return text === undefined ? undefined : checked(text, path, which);
}

async function readReachable(path: string): Promise<string | undefined> {
  try {
    return await readIfThere(path);
  } catch (cause) {
    const {code, message} = cause as NodeJS.ErrnoException;
    if ((code === 'EACCES' || code === 'ENOTDIR') && (await isInClosedHome(path))) return undefined;
    throw new ReleaseFault('RELEASE_SETTINGS', `${path} cannot be read: ${message}`, {cause});
  }
}

/** What lies in /etc is never passed over: it may ask for signatures. */
async function isInClosedHome(path: string): Promise<boolean> {
  if (path !== userFile()) return false;
  return !(await access(dirname(path), constants.X_OK).then(
    () => true,
    () => false,
  ));
}

async function checked(text: string, path: string, which: Kind): Promise<object> {
  const {checkSettings} = await import('./settings-schema.ts');
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ReleaseFault('RELEASE_SETTINGS', `${path} is not JSON: ${(cause as Error).message}`, {cause});
  }
  const found = checkSettings(value, which);
  if ('problems' in found)
    throw new ReleaseFault('RELEASE_SETTINGS', found.problems.map((one) => `${path}: ${one}`).join('\n'), {
      hint: `The keys are listed in @keelson/releases/${SCHEMAS[which]}.`,
    });
  return found.value;
}
