import {mkdir} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {parseEnv, serializeEnv} from '@keelson/env';
import {openReleases} from '@keelson/releases';
import {DeployServerFault} from './fault.ts';

export interface ConfigChange {
  readonly kind: 'config-revision';
  readonly number: number;
  readonly keys: string[];
}

/**
 * Writes the app's next config revision: `KEY=VALUE` sets, `KEY=` removes. Releases that are running keep the revision that they were
 * deployed with; the next deploy uses this one. An app may be configured before its first push.
 */
export async function setConfig(
  root: string,
  app: string,
  changes: readonly string[],
): Promise<ConfigChange> {
  const dir = join(resolve(root), app);
  await mkdir(dir, {recursive: true});
  await using releases = await openReleases(dir, {reason: 'keelson deploy set'});
  const current = await releases.config.current();
  const values: Record<string, string> = {...parseEnv(current.text, {path: current.path})};
  for (const change of changes) {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(change);
    if (match === null)
      throw new DeployServerFault('SERVE_BAD_VALUE', `${JSON.stringify(change)} is not KEY=VALUE`, {
        hint: 'keys are letters, digits and _; KEY= removes a key',
      });
    if (match[2] === '') delete values[match[1]!];
    else values[match[1]!] = match[2]!;
  }
  const {number} = await releases.config.add(serializeEnv(values));
  return {kind: 'config-revision', number, keys: Object.keys(values)};
}
