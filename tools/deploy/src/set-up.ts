import {resolve} from 'node:path';
import {giveFolder, giveOurs} from '@keelson/deployer';
import {changeSettings} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';
import {accountOf} from './account.ts';
import {linkRuntime} from './link-runtime.ts';
import {readableByApps} from './readable-by-apps.ts';

export interface SetUpOptions extends StepOptions {
  /** Settings that are undefined stay as they are. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Name of a user; only root can give a folder away. */
  readonly owner?: string | undefined;
  /** Where `runtime` leads. */
  readonly runtimeDir?: string | undefined;
}

/** Makes a deploy root, or adds to the settings of one. Faults: RELEASE_FOREIGN_FILES, RELEASE_SETTINGS, SERVE_BAD_VALUE (no such user). */
export async function setUp(
  root: string,
  {settings, owner, runtimeDir, signal}: SetUpOptions,
): Promise<{readonly kind: 'deploy-root'; readonly root: string; readonly settings: object}> {
  const account = owner === undefined ? undefined : await accountOf(owner);
  readableByApps();
  const changes = Object.entries(settings).filter(([, value]) => value !== undefined);
  const written = await changeSettings(
    root,
    changes.map(([key, value]) => ({path: [key], value})),
    {signal},
  );
  if (runtimeDir !== undefined) await linkRuntime(root, runtimeDir);
  if (account !== undefined) {
    await giveOurs(resolve(root), account);
    if (runtimeDir !== undefined) await giveFolder(resolve(runtimeDir), account);
  }
  return {kind: 'deploy-root', root: resolve(root), settings: written};
}
