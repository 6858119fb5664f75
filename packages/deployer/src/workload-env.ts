import {delimiter, dirname, join} from 'node:path';
import {userHome} from '@keelson/atomic-fs';

export interface EnvSources {
  /** Of the release. */
  readonly dir: string;
  /** Of the config revision. */
  readonly values: Readonly<Record<string, string>>;
  /** The app's own Node, if it is not this one. */
  readonly node?: string | undefined;
  /** Of whoever starts the app: only what is on the list is taken. */
  readonly environment: Readonly<Record<string, string | undefined>> | undefined;
}

const TAKEN = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'] as const;
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The environment of an app's processes: the config revision over `NODE_ENV=production` over five variables of the machine.
 * On PATH come first the programs of the app's dependencies, then the Node that proved its add-ons.
 */
export function workloadEnv({dir, values, node, environment}: EnvSources): Record<string, string> {
  const machine: Record<string, string | undefined> = {
    PATH: SYSTEM_PATH,
    HOME: userHome(),
    LANG: 'C.UTF-8',
    ...environment,
  };
  const taken = TAKEN.flatMap((name) => {
    const value = machine[name];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  const env: Record<string, string> = {NODE_ENV: 'production', ...Object.fromEntries(taken), ...values};
  const path = [
    join(dir, 'node_modules/.bin'),
    dirname(node ?? process.execPath),
    env['PATH'] ?? SYSTEM_PATH,
  ];
  return {...env, PATH: path.join(delimiter)};
}
