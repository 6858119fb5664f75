import {existsSync} from 'node:fs';
import {basename, dirname, join, resolve} from 'node:path';
import {isServed} from './ask-server.ts';
import {isAppName} from './app-name.ts';
import {DeployServerFault} from './fault.ts';
import type {SystemdScope} from './runtime/systemctl.ts';

/** Who runs an app of a deploy root. */
export type DeployPlace =
  | {
      readonly kind: 'server';
      /** The server's root. */
      readonly server: string;
      readonly app: string;
      /** The app's deploy root. */
      readonly root: string;
    }
  | {readonly kind: 'systemd'; readonly app: string; readonly root: string; readonly scope: SystemdScope};

export interface PlaceWanted {
  /** A deploy root, or a server's root (then `app` names which). */
  readonly root: string;
  readonly app?: string | undefined;
  /** `server`, or `systemd`: units of this machine, also where a server runs. Default: the server, where one runs; else systemd. */
  readonly runtime?: string | undefined;
}

/**
 * Finds out who runs the app: the server on `root` or on the folder above it, else systemd.
 * Faults: SERVE_UNKNOWN_APP (no good name), SERVE_NOT_RUNNING (neither is there).
 */
export async function deployPlace({root: given, app, runtime}: PlaceWanted): Promise<DeployPlace> {
  const root = resolve(given);
  if (runtime !== 'systemd') {
    if (app !== undefined && (await isServed(root)))
      return {kind: 'server', server: root, app: nameOf(app), root: join(root, app)};
    const above = dirname(root);
    if (await isServed(above))
      return {kind: 'server', server: above, app: nameOf(app ?? basename(root)), root};
    if (await isServed(root))
      throw new DeployServerFault(
        'SERVE_UNKNOWN_APP',
        `${root} is the root of a server, of all of its apps`,
        {
          hint: 'Name the app: --app NAME',
        },
      );
  }
  if (runtime === 'server' || !existsSync(BOOTED))
    throw new DeployServerFault(
      'SERVE_NOT_RUNNING',
      `no server answers for ${root}, and systemd does not run here`,
      {
        hint: `Start a server: keelson deploy serve --root ${above(root)}`,
      },
    );
  const scope = process.getuid?.() === 0 ? 'system' : 'user';
  return {kind: 'systemd', app: nameOf(app ?? basename(root)), root, scope};
}

/**
 * As `deployPlace`; an app that nobody runs yet can be configured, too: then nothing is rolled. Makes the folder of a server's app.
 */
export async function placeToConfigure(wanted: PlaceWanted & {readonly roll: boolean}): Promise<DeployPlace> {
  const {root: given, app, roll} = wanted;
  const root = resolve(given);
  const dir =
    app === undefined || existsSync(join(root, '.keelson/releases')) ? root : join(root, nameOf(app));
  if (roll && existsSync(join(dir, 'current'))) return deployPlace(wanted);
  return {kind: 'systemd', app: nameOf(app ?? basename(root)), root: dir, scope: 'user'};
}

/** sd_booted(3) */
const BOOTED = '/run/systemd/system';

function above(root: string): string {
  return dirname(root) === '/' ? root : dirname(root);
}

function nameOf(app: string): string {
  if (isAppName(app)) return app;
  throw new DeployServerFault('SERVE_UNKNOWN_APP', `${JSON.stringify(app)} is no name for an app`, {
    hint: 'Use up to 63 lower case letters, digits and dashes, a letter first: --app NAME',
  });
}
