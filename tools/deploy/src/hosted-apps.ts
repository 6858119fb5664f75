import {readdir} from 'node:fs/promises';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {resume} from '@keelson/deployer';
import type {SupervisorStatus} from '@keelson/supervisor';
import {DeployServerFault} from './fault.ts';
import {hostApp, type HostedApp} from './hosted-app.ts';
import {openPortTable} from './port-table.ts';
import type {AppPlaces, ServeOptions} from './serve.ts';

export interface AppStatus {
  readonly name: string;
  readonly basePort: number;
  readonly supervisor: SupervisorStatus;
}

/** The apps of one server, opened when first needed and closed together. */
export interface HostedApps extends AsyncDisposable {
  /** The app, made when it is new. */
  open(name: string): Promise<HostedApp>;
  /** The app; Fault SERVE_UNKNOWN_APP when nothing was ever deployed under that name. */
  existing(name: string): Promise<HostedApp>;
  /** Starts what every app's `current` says, as after a reboot. One that cannot start does not keep the others down. */
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

  const open = async (name: string): Promise<HostedApp> => {
    const base = await ports.baseOf(name);
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

  return {
    open: openOnce,
    async existing(name) {
      if ((await deployedApps(root)).includes(name)) return openOnce(name);
      throw new DeployServerFault('SERVE_UNKNOWN_APP', `no app named ${name} has been deployed to ${root}`, {
        hint: 'push it first: keelson publish ARCHIVE URL',
      });
    },
    async resumeAll({signal, onEvent, deploys}) {
      for (const name of await deployedApps(root)) {
        try {
          const deployment = await resume(await openOnce(name), {...deploys, signal});
          if (deployment === undefined) continue;
          if (deployment.result === 'deployed')
            onEvent?.({type: 'serve:resumed', app: name, release: deployment.release.number});
          else
            onEvent?.({type: 'serve:resume-failed', app: name, because: deployment.because ?? 'not ready'});
        } catch (error) {
          if (signal?.aborted) throw error;
          onEvent?.({type: 'serve:resume-failed', app: name, because: (error as Error).message});
        }
      }
    },
    status: () =>
      [...opened.values()].map(({name, basePort: base, supervisor}) => ({
        name,
        basePort: base,
        supervisor: supervisor.status(),
      })),
    async [Symbol.asyncDispose]() {
      await Promise.all([...opened.values()].map((app) => app[Symbol.asyncDispose]()));
    },
  };
}

/** Folders below `root` that hold a deployed app, by name. */
async function deployedApps(root: string): Promise<string[]> {
  const entries = await readdir(root, {withFileTypes: true});
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'current')))
    .map((entry) => entry.name)
    .toSorted();
}
