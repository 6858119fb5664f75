import {readdir} from 'node:fs/promises';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import type {SupervisorStatus} from '@keelson/supervisor';
import {DeployServerFault} from './fault.ts';
import {hostApp, type HostedApp} from './hosted-app.ts';
import {keepResuming, type ResumeOptions, type Resuming, type ResumeState} from './keep-resuming.ts';
import {openPortTable} from './port-table.ts';
import type {AppPlaces, ServeOptions} from './serve.ts';

export interface AppStatus {
  readonly name: string;
  readonly basePort: number;
  /** That its ports are bound on. */
  readonly host: string;
  readonly supervisor: SupervisorStatus;
  /** Why nothing runs that should, and when it is tried again. */
  readonly resuming?: ResumeState | undefined;
}

/** The apps of one server, opened when first needed and closed together. */
export interface HostedApps extends AsyncDisposable {
  /** The app, made when it is new, to change what it runs: an attempt to resume it that is under way gives way. */
  open(name: string): Promise<HostedApp>;
  /** As `open`; Fault SERVE_UNKNOWN_APP when nothing was ever deployed under that name. */
  existing(name: string): Promise<HostedApp>;
  /**
   * Starts what every app's `current` says, as after a reboot. One that cannot start does not keep the others down, and is tried again
   * by itself. Resolves when each was tried once.
   */
  resumeAll(options: Pick<ServeOptions, 'signal' | 'onEvent' | 'deploys'>): Promise<void>;
  status(): AppStatus[];
}

interface HostPlace extends AppPlaces {
  readonly root: string;
}

export async function hostApps(place: HostPlace): Promise<HostedApps> {
  const {root, host = '127.0.0.1', basePort = 5000, environment} = place;
  const ports = await openPortTable(root, basePort);
  const opened = new Map<string, HostedApp>();
  const opening = new Map<string, Promise<HostedApp>>();
  const resuming = new Map<string, Resuming>();
  const bases = new Map<string, number>();

  const open = async (name: string): Promise<HostedApp> => {
    const base = await ports.baseOf(name);
    bases.set(name, base);
    const app = await hostApp({name, root: join(root, name), basePort: base, host, environment});
    opened.set(name, app);
    return app;
  };
  const openOnce = (name: string): Promise<HostedApp> => {
    const known = opening.get(name) ?? open(name);
    opening.set(name, known);
    known.catch(() => opening.delete(name)); // the next push may try again
    return known;
  };

  const toChange = async (name: string): Promise<HostedApp> => {
    await resuming.get(name)?.giveWay();
    return openOnce(name);
  };

  return {
    open: toChange,
    async existing(name) {
      if ((await deployedApps(root)).includes(name)) return toChange(name);
      throw new DeployServerFault('SERVE_UNKNOWN_APP', `no app named ${name} has been deployed to ${root}`, {
        hint: 'push it first: keelson publish ARCHIVE URL',
      });
    },
    async resumeAll({signal, onEvent, deploys = {}}) {
      for (const name of await deployedApps(root)) {
        signal?.throwIfAborted();
        const onAttempt: ResumeOptions['onAttempt'] = (resumed, again) =>
          onEvent?.(
            resumed.result === 'deployed'
              ? {type: 'serve:resumed', app: name, release: resumed.release.number}
              : {
                  type: 'serve:resume-failed',
                  app: name,
                  because: resumed.because ?? 'not ready',
                  nextAt: again?.nextAt,
                },
          );
        resuming.set(name, await keepResuming(() => openOnce(name), {deploys, onAttempt}));
      }
    },
    status: () =>
      [...bases].map(([name, base]) => ({
        name,
        basePort: base,
        host,
        supervisor: opened.get(name)?.supervisor.status() ?? NOTHING,
        resuming: resuming.get(name)?.state(),
      })),
    async [Symbol.asyncDispose]() {
      await Promise.all([...resuming.values()].map((one) => one[Symbol.asyncDispose]()));
      await Promise.all([...opened.values()].map((app) => app[Symbol.asyncDispose]()));
    },
  };
}

/** Of an app that could not be opened yet. */
const NOTHING: SupervisorStatus = {kind: 'supervisor-status', generations: []};

/** Folders below `root` that hold a deployed app, by name. */
async function deployedApps(root: string): Promise<string[]> {
  const entries = await readdir(root, {withFileTypes: true});
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'current')))
    .map((entry) => entry.name)
    .toSorted();
}
