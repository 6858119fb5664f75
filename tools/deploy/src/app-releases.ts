import {existsSync} from 'node:fs';
import {basename, join, resolve} from 'node:path';
import {readReleases, type Release} from '@keelson/releases';
import {isAppName} from './app-name.ts';
import {DeployServerFault} from './fault.ts';

/**
 * The deploy root that a command is about: of the app of that name, when `root` is a server's; without a name `root` itself.
 * Fault SERVE_UNKNOWN_APP.
 */
export function appRoot(root: string, app: string | undefined): string {
  if (app === undefined) return ownRoot(resolve(root));
  const dir = join(resolve(root), app);
  if (isAppName(app) && existsSync(dir)) return dir;
  throw new DeployServerFault('SERVE_UNKNOWN_APP', `${resolve(root)} holds no app named ${app}`, {
    hint: 'keelson deploy status lists the apps; the first push makes one',
  });
}

function ownRoot(root: string): string {
  if (existsSync(join(root, '.keelson/releases'))) return root;
  throw new DeployServerFault('SERVE_UNKNOWN_APP', `${root} is no deploy root of an app`, {
    hint: existsSync(join(root, '.keelson'))
      ? `It is a server’s: name the app, or say --root ${join(root, 'APP')}`
      : `keelson deploy setup --root ${root} makes one.`,
  });
}

/**
 * Words of a command that begin with the name of an app, or do not: numbers and assignments are none. Where `root` is an app's own,
 * only its name is one; elsewhere `v3` is a release, unless there is an app of that name.
 */
export function splitApp(
  words: readonly string[],
  root: string,
): {
  readonly app: string | undefined;
  readonly rest: readonly string[];
} {
  const [first = '', ...rest] = words;
  const dir = resolve(root);
  const isApp = existsSync(join(dir, '.keelson/releases'))
    ? first === basename(dir)
    : isAppName(first) && !(/^v\d+$/.test(first) && !existsSync(join(dir, first)));
  return isApp ? {app: first, rest} : {app: undefined, rest: words};
}

/** The releases of an app, newest last, and which of them is current. Takes no lock. */
export async function appReleases(
  root: string,
  app: string | undefined,
): Promise<{kind: 'releases'; current: number | undefined; releases: Release[]}> {
  const {current, releases} = await readReleases(appRoot(root, app));
  return {kind: 'releases', current: current?.number, releases: [...releases]};
}
