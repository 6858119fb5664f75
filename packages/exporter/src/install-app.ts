import {join, resolve} from 'node:path';

import {userHome} from '@keelson/atomic-fs';
import {ExportFault} from './fault.ts';
import {FORMATS, type Format} from './formats/table.ts';
import type {UnitFormat} from './formats/unit-format.ts';
import {
  imageCommands,
  type InstallCommands,
  installCommands,
  linkDirectory,
  NOTHING,
} from './install-commands.ts';
import {type InstallRecord, readRecord} from './install-record.ts';
import {neededDirectories, withDirectories} from './needed-directories.ts';
import {refuseNamesake} from './refuse-namesake.ts';
import {type InstalledFile, type InstallPlan, isOurs, planInstall} from './plan-install.ts';
import {readInstalled} from './read-installed.ts';
import type {UnitFile} from './render-units.ts';

export type InstallScope = 'system' | 'user';

/** An install plan with what the manager is told; nothing is told where nothing changes. */
export interface AppInstallPlan extends InstallPlan, InstallCommands {
  /** Nothing of it is there: all of it is taken away. */
  readonly wholly: 'install' | 'uninstall';
  /** An earlier install was cut short, or its manager was not told: the commands are due though no file changes. */
  readonly unfinished: boolean;
}

export interface AppInstallInput {
  readonly format: Format;
  readonly app: string;
  /** None: everything of the app is taken away. */
  readonly files: readonly UnitFile[];
  /** Directories that have to be there, absolute: those of logs that the manager does not make. */
  readonly directories?: readonly string[] | undefined;
  /** The manager's directory, if it isn't the usual one. */
  readonly directory?: string | undefined;
  /** A tree to install into, such as an image that is built: no manager is told anything. */
  readonly root?: string | undefined;
  readonly scope?: InstallScope | undefined;
}

export interface AppInstall {
  readonly plan: AppInstallPlan;
  readonly existing: readonly InstalledFile[];
  readonly files: readonly UnitFile[];
  /** What the manager leaves behind in the directories of services that are taken away. */
  readonly leftovers: readonly string[];
  readonly record: InstallRecord | undefined;
  /** Directories that are made beside those of the files, or were. */
  readonly directories: readonly string[];
  /** False: below another root. */
  readonly tells: boolean;
}

// Below the home of who installs. Other managers have no files of users.
const OF_USERS: Partial<Record<Format, string>> = {
  systemd: '.config/systemd/user',
  launchd: 'Library/LaunchAgents',
};

/**
 * Where a manager looks for its files. Faults: EXPORT_UNSUPPORTED for a format whose files are somebody else's to hand over, or that
 * has none of a single user.
 */
export async function installDirectory(format: Format, scope: InstallScope = 'system'): Promise<string> {
  const {manager, DIRECTORY}: UnitFormat = await FORMATS[format]();
  if (!manager) {
    throw new ExportFault('EXPORT_UNSUPPORTED', `nothing on this machine reads ${format} files by itself`, {
      hint: 'Write them somewhere with --out.',
    });
  }
  if (scope === 'system') return DIRECTORY;
  const ofUsers = OF_USERS[format];
  if (ofUsers !== undefined) return join(homeOfUser(), ofUsers);
  throw new ExportFault('EXPORT_UNSUPPORTED', `${format} has no services of a single user`, {
    hint: `Formats with --scope user: ${Object.keys(OF_USERS).join(', ')}.`,
  });
}

function homeOfUser(): string {
  const home = userHome();
  if (home !== undefined) return home;
  throw new ExportFault('EXPORT_UNSUPPORTED', 'units of a user lie in his home, and this one has none', {
    hint: 'Set HOME, or write them somewhere with --out.',
  });
}

/**
 * What installing the files for good would change, and what the manager would be told. Changes nothing.
 * Faults: EXPORT_FOREIGN_FILE; those of `installDirectory`.
 */
export async function planAppInstall(input: AppInstallInput): Promise<AppInstall> {
  const {format, app, files, scope = 'system'} = input;
  const usual = await installDirectory(format, scope);
  const directory = input.directory ?? usual;
  const {manager}: UnitFormat = await FORMATS[format]();
  const root = input.root === undefined ? directory : join(input.root, directory);
  const record = await readRecord({root, app, format});
  const known = record?.files ?? [];
  const existing = await readInstalled(root, app, [...files, ...known.map((path) => ({path}))]);
  const plan = planInstall({root, format, app, files, existing, recorded: known});
  await refuseNamesake(manager!, {...input, scope, directory});

  const wanted = new Set(files.map(({path}) => path));
  const before = existing.filter(({content}) => isOurs(content, app, format)).map(({path}) => path);
  const removed = plan.changes.filter(({op}) => op === 'remove').map(({path}) => path);
  const recorded = known.filter((path) => !wanted.has(path));
  const gone = [...new Set([...removed, ...recorded])];

  const tells = input.root === undefined;
  const uninstalls = files.length === 0;
  const done = tells ? record?.state === 'installed' : record !== undefined && record.state !== 'changing';
  const unfinished = uninstalls ? record !== undefined : !done;
  const of = {app, directory, scope};
  const asked = {...of, files: files.map(({path}) => path), gone, before};
  const below = resolve(input.root ?? '/');
  const links = tells ? undefined : linkDirectory(manager!, of, below);
  const beside = (input.directories ?? []).map((path) => join(below, path));
  const needed = neededDirectories(
    uninstalls ? [] : [...(links === undefined ? [] : [links]), ...beside],
    record?.directories,
  );
  const told = tells ? installCommands(manager!, asked) : imageCommands(manager!, asked, links);
  const due = withDirectories(told, needed, uninstalls);
  const commands = plan.changes.length > 0 || unfinished ? due : NOTHING;
  return {
    plan: {...plan, ...commands, wholly: uninstalls ? 'uninstall' : 'install', unfinished},
    existing,
    files,
    leftovers: manager!.leftovers?.({...of, files: gone}) ?? [],
    record,
    directories: needed.made,
    tells,
  };
}
