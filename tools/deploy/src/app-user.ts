import {readReleases} from '@keelson/releases';
import {homeOf} from './account.ts';
import type {DeployHere} from './deploy-archive.ts';

/** Whom root lets an app run as: what flags say, else keelson.json, else whom the release that is current runs as. Undefined: this is not root, or nobody is named. */
export async function appUser(root: string, {user}: Pick<DeployHere, 'user'>): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const {settings, current} = await readReleases(root);
  return user ?? settings.user ?? current?.user;
}

/** What an app of this user inherits: his home is not ours. */
export async function environmentFor(
  user: string | undefined,
  environment: DeployHere['environment'],
): Promise<DeployHere['environment']> {
  return user === undefined ? environment : {...environment, HOME: await homeOf(user)};
}
