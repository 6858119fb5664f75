import {existsSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {readReleases, type Release} from '@keelson/releases';
import {DeployServerFault} from './fault.ts';

const APP = /^[a-z][a-z0-9-]{0,62}$/;

/** The deploy root of an app that exists. Fault SERVE_UNKNOWN_APP. */
export function appRoot(root: string, app: string): string {
  const dir = join(resolve(root), app);
  if (APP.test(app) && existsSync(dir)) return dir;
  throw new DeployServerFault('SERVE_UNKNOWN_APP', `${resolve(root)} holds no app named ${app}`, {
    hint: 'keelson deploy status lists the apps; the first push makes one',
  });
}

/** The releases of an app, newest last, and which of them is current. Takes no lock. */
export async function appReleases(
  root: string,
  app: string,
): Promise<{kind: 'releases'; current: number | undefined; releases: Release[]}> {
  const {current, releases} = await readReleases(appRoot(root, app));
  return {kind: 'releases', current: current?.number, releases: [...releases]};
}
