import {resolve} from 'node:path';
import {
  deploy,
  rollback,
  type AppDeployOptions,
  type Deployment,
  type DeployEvent,
  type DeployTarget,
} from '@keelson/deployer';
import type {openApp} from '@keelson/preparer';
import {readReleases} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';
import {requireGroup} from './account.ts';
import {appUser, environmentFor} from './app-user.ts';
import {askServer} from './ask-server.ts';
import type {DeployPlace} from './deploy-place.ts';
import {DeployServerFault} from './fault.ts';
import {linkRuntime} from './link-runtime.ts';
import {nodeFor} from './node-for.ts';
import {readableByApps} from './readable-by-apps.ts';
import {saidByUnits} from './runtime/said-by-units.ts';
import {isActive, type SystemdScope} from './runtime/systemctl.ts';
import {releaseUnit} from './runtime/systemd-units.ts';
import {systemdRuntime, type SystemdGeneration} from './runtime/systemd.ts';
import {serverQuery} from './server-query.ts';

/** What a deploy without a server needs to know; a server knows it itself, but for a few (`serverQuery`). */
export interface DeployHere extends Omit<AppDeployOptions, keyof StepOptions> {
  /** Address that the app answers on. Default 127.0.0.1. */
  readonly host?: string | undefined;
  readonly basePort?: number | undefined;
  /** Of the units. */
  readonly group?: string | undefined;
  /** Where `runtime` of the deploy root leads. */
  readonly runtimeDir?: string | undefined;
  /** TMPDIR in `environment` was asked for. */
  readonly tmpDir?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface DeployWay {
  readonly step: StepOptions<DeployEvent>;
  readonly here: DeployHere;
}

type App = Awaited<ReturnType<typeof openApp>>;

/** Deploys what lies on this machine, where `deployPlace` says. Faults: those of the deployer, of the server, SERVE_SYSTEMD. */
export async function deployArchive(
  app: App,
  place: DeployPlace,
  {step, here}: DeployWay,
): Promise<Deployment> {
  if (place.kind === 'server') {
    const query = serverQuery(here, {archive: resolve(app.path)});
    return askServer<Deployment>(
      place.server,
      {method: 'POST', path: `/apps/${place.app}/deploy${query}`},
      step,
    );
  }
  const {to, options} = await systemdWay(place, here);
  return deploy(app, to, {...step, ...options});
}

/** As `deployArchive`, back to a release that is here. */
export async function rollBack(
  place: DeployPlace,
  {release, force}: {readonly release?: number | undefined; readonly force?: boolean | undefined},
  {step, here}: DeployWay,
): Promise<Deployment> {
  if (place.kind === 'server') {
    const query = serverQuery(here, {
      ...(release !== undefined && {release: String(release)}),
      ...(force === true && {force: 'yes'}),
    });
    return askServer<Deployment>(
      place.server,
      {method: 'POST', path: `/apps/${place.app}/rollback${query}`},
      step,
    );
  }
  const {to, options} = await systemdWay(place, here);
  return rollback(to, {...step, ...options, release, force});
}

export interface SystemdWay {
  readonly to: DeployTarget<SystemdGeneration>;
  readonly options: AppDeployOptions;
}

/**
 * Where the deployer deploys to, with systemd in the part of the runtime, and how. Whoever the app ran as before, and wherever it answered, it
 * goes on so, unless flags or keelson.json say something else.
 */
export async function systemdWay(
  {app, root, scope}: Extract<DeployPlace, {kind: 'systemd'}>,
  {host: askedHost, basePort, environment, runtimeDir, ...asked}: DeployHere,
): Promise<SystemdWay> {
  const {settings, current} = await readReleases(root);
  const user = await appUser(root, asked);
  const said = await saidByUnits(app, scope);
  const host = askedHost ?? said.host ?? '127.0.0.1';
  if (current !== undefined)
    await requireSameHost({app, scope, release: current.number}, {host, now: said.host});
  const kept = user === current?.user ? said.group : undefined;
  const group = scope === 'system' ? (asked.group ?? settings.group ?? kept) : undefined;
  if (group !== undefined) await requireGroup(group);
  readableByApps();
  if (runtimeDir !== undefined) await linkRuntime(root, runtimeDir);
  const own = await environmentFor(user, environment);
  const runtime = await systemdRuntime({name: app, root, scope, host, user, group});
  return {
    to: {root, runtime, host, basePort, environment: own, nodeFor: nodeFor(root, {environment})},
    // A user whom systemd gives the app to is not us: its code does not run with our rights.
    options: {...asked, user, allowRoot: asked.allowRoot === true || user !== undefined},
  };
}

/** systemd holds the sockets as long as the app runs. Fault SERVE_BAD_VALUE. */
async function requireSameHost(
  {app, scope, release}: {readonly app: string; readonly scope: SystemdScope; readonly release: number},
  {host, now = host}: {readonly host: string; readonly now: string | undefined},
): Promise<void> {
  if (host === now || !(await isActive(scope, releaseUnit(app, release)))) return;
  throw new DeployServerFault(
    'SERVE_BAD_VALUE',
    `${app} answers on ${now} as long as it runs, and not on ${host}`,
    {
      hint: 'Stop it first: keelson deploy services stop',
    },
  );
}
