import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {makeDirectory, temporaryDirectory, writeAtomic} from '@keelson/atomic-fs';
import type {Deployment} from '@keelson/deployer';
import {withoutCredentials} from '@keelson/git';
import {readReleases, type Release} from '@keelson/releases';
import {deployArchive, type DeployWay} from '../deploy-archive.ts';
import type {DeployPlace} from '../deploy-place.ts';
import {bring} from './bring.ts';
import {findCommit} from './find-commit.ts';
import {findPackage} from './find-package.ts';
import {identityOf, type Found, type Origin} from './origin.ts';

/** What is current is what would be deployed. */
export interface Unchanged {
  readonly kind: 'deployment';
  readonly result: 'unchanged';
  readonly release: Release;
  readonly because: string;
  readonly formation: readonly [];
}

export interface NewestWay extends DeployWay {
  /** Also what is current already. Default false. */
  readonly redeploy?: boolean | undefined;
  /** The package of a repository of several. */
  readonly workspace?: string | undefined;
  readonly onLine: (line: string) => void;
  /** Told what was found; false: leave it. */
  readonly wanted?: ((identity: string) => boolean) | undefined;
}

/**
 * Deploys what an origin leads to now; what is current already, with the newest configuration, stays, unless `redeploy`. Undefined: it was
 * not wanted. Faults: SERVE_NOTHING_FOUND, SERVE_INTEGRITY, those of the builder and of a deploy.
 */
export async function deployNewest(
  origin: Origin,
  place: DeployPlace,
  way: NewestWay,
): Promise<Deployment | Unchanged | undefined> {
  const {signal} = way.step;
  const found = await (origin.kind === 'package' ? findPackage : findCommit)(origin as never, {signal});
  const known = withWorkspace(identityOf(found, withoutCredentials), way.workspace);
  if (known !== undefined && way.wanted?.(known) === false) return undefined;
  const state = join(place.root, '.keelson');
  const current = way.redeploy === true ? undefined : await currentOf(place.root);
  const isCurrent = async (identity: string | undefined): Promise<boolean> =>
    current !== undefined &&
    identity !== undefined &&
    (await originOf(state)) === `${current.number} ${identity}`;
  if (await isCurrent(known)) return unchanged(current!, found);

  await makeDirectory(state, {mode: 0o700});
  await using folder = await temporaryDirectory({prefix: 'brought-', parent: state});
  const {onLine, workspace, here} = way;
  const {environment} = here;
  const {app, identity = known} = await bring(found, {
    signal,
    state,
    folder: folder.path,
    workspace,
    environment,
    onLine,
  });
  if (identity !== known && identity !== undefined && way.wanted?.(identity) === false) return undefined;
  if (app.kind === 'archive' ? app.digest === current?.digest : await isCurrent(identity))
    return unchanged(current!, found);
  const deployment = await deployArchive(app, place, way);
  if (deployment.result === 'deployed' && identity !== undefined)
    await writeAtomic(originFile(state), `${deployment.release.number} ${identity}\n`, {mode: 0o600});
  return deployment;
}

/** The release that serves, when the newest configuration is the one that it has. */
export async function currentOf(root: string): Promise<Release | undefined> {
  const {current, config} = await readReleases(root);
  return config === current?.config ? current : undefined;
}

export function unchanged(release: Release, found: Found | {readonly name: string}): Unchanged {
  const because = `${found.name} is release ${release.number} (${release.version}), which is current already`;
  return {kind: 'deployment', result: 'unchanged', release, because, formation: []};
}

/** Which release came from where, last. */
function originFile(state: string): string {
  return join(state, 'origin');
}

async function originOf(state: string): Promise<string | undefined> {
  return readFile(originFile(state), 'utf8').then(
    (text) => text.trimEnd(),
    () => undefined,
  );
}

function withWorkspace(identity: string | undefined, workspace: string | undefined): string | undefined {
  return identity === undefined || workspace === undefined ? identity : `${identity} ${workspace}`;
}
