import {resolve} from 'node:path';
import {deploy, rollback, type Deployment, type DeployEvent, type DeployOptions} from '@keelson/deployer';
import type {openApp} from '@keelson/preparer';
import type {StepOptions} from '@keelson/step';
import {askServer} from './ask-server.ts';
import type {DeployPlace} from './deploy-place.ts';
import {nodeFor} from './node-for.ts';
import {systemdRuntime} from './runtime/systemd.ts';

/** What a deploy without a server needs to know; a server knows it itself. */
export interface DeployHere extends Omit<DeployOptions, keyof StepOptions> {
  /** Address that the app answers on. Default 127.0.0.1. */
  readonly host?: string | undefined;
  readonly basePort?: number | undefined;
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
    const path = `/apps/${place.app}/deploy?archive=${encodeURIComponent(resolve(app.path))}`;
    return askServer<Deployment>(place.server, {method: 'POST', path}, step);
  }
  return deploy(app, await systemdTarget(place, here), {...step, ...optionsOf(here)});
}

/** As `deployArchive`, back to a release that is here. */
export async function rollBack(
  place: DeployPlace,
  {release, force}: {readonly release?: number | undefined; readonly force?: boolean | undefined},
  {step, here}: DeployWay,
): Promise<Deployment> {
  if (place.kind === 'server') {
    const query = new URLSearchParams({
      ...(release !== undefined && {release: String(release)}),
      ...(force === true && {force: 'yes'}),
    });
    return askServer<Deployment>(
      place.server,
      {method: 'POST', path: `/apps/${place.app}/rollback?${query.toString()}`},
      step,
    );
  }
  return rollback(await systemdTarget(place, here), {...step, ...optionsOf(here), release, force});
}

/** Where the deployer deploys to, with systemd in the part of the runtime. */
export async function systemdTarget(
  {app, root, scope}: Extract<DeployPlace, {kind: 'systemd'}>,
  {host = '127.0.0.1', user, basePort, environment}: DeployHere,
) {
  const runtime = await systemdRuntime({name: app, root, scope, host, user});
  return {root, runtime, basePort, environment, nodeFor: nodeFor(root, {environment})};
}

/** What of it is the deployer's. */
export function optionsOf({
  limits,
  bakeMs,
  keep,
  allowRoot,
  waitMs,
  by,
  user,
  trusted,
}: DeployHere): DeployOptions {
  return {limits, bakeMs, keep, allowRoot, waitMs, by, user, trusted};
}
