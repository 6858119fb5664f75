import type {StepOptions} from '@keelson/step';
import {writeAtomic} from '@keelson/atomic-fs';
import type {DeploySettings} from './deploy-settings.ts';
import {settingsOf} from './read-settings.ts';
import {layoutOf} from './layout.ts';
import {openReleases} from './open-releases.ts';
import {readIfThere} from './release-store.ts';

/** A setting by its path: `formation.web`, `actions.migrate`. */
export interface SettingChange {
  readonly path: readonly string[];
  /** Undefined removes it; a function makes it of the one before. */
  readonly value: unknown;
}

/**
 * Changes `<root>/keelson.json`, under the lock of the deploy root, and resolves with the whole. What would be wrong is not written.
 * Faults: RELEASE_SETTINGS, RELEASE_LOCKED, RELEASE_FOREIGN_FILES.
 */
export async function changeSettings(
  root: string,
  changes: readonly SettingChange[],
  options: StepOptions & {readonly waitMs?: number | undefined} = {},
): Promise<DeploySettings> {
  await using releases = await openReleases(root, {...options, reason: 'a change of settings'});
  const {settings: path} = layoutOf(releases.root);
  const now = JSON.parse((await readIfThere(path)) ?? '{}') as Record<string, unknown>;
  const changed = changes.reduce((settings, change) => put(settings, change.path, change.value), now);
  const text = `${JSON.stringify(changed, null, 2)}\n`;
  const settings = await settingsOf(text, path);
  await writeAtomic(path, text, {mode: 0o600});
  return settings;
}

/** A copy with one value set or removed; a group that it leaves empty goes, too. */
function put(
  settings: Readonly<Record<string, unknown>>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const {[key]: inner, ...others} = settings;
  const group = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  const made = typeof value === 'function' ? (value as (before: unknown) => unknown) : () => value;
  const next =
    rest.length === 0 ? made(inner) : emptyToNothing(put(group as Record<string, unknown>, rest, value));
  return next === undefined ? others : {...settings, [key]: next};
}

function emptyToNothing(group: Record<string, unknown>): Record<string, unknown> | undefined {
  return Object.keys(group).length === 0 ? undefined : group;
}
