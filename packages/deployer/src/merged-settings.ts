import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {readProjectRules, settingLayers} from '@keelson/releases';

/** A setting, and where it is said. */
export interface Said {
  /** Such as `health.path`. */
  readonly name: string;
  readonly value: unknown;
  /** `default`, `package.json of the app`, `keelson.deploy.json of the app`, `keelson.json of the deploy root`, or the path of a file. */
  readonly from: string;
}

const DEFAULTS = {
  keep: 5,
  bakeMs: 10_000,
  health: {path: '/', timeoutMs: 30_000},
  assets: {keep: 3},
};

/**
 * Everything that is said of the deploys of a deploy root and of the app in `dir` (undefined: none yet), by name. What the machine says
 * counts before the defaults, what the user says before that, then the app, then the deployment; folders in `persistent` add up.
 * Faults: RELEASE_SETTINGS.
 */
export async function mergedSettings(root: string, dir: string | undefined): Promise<Said[]> {
  const own = join(root, 'keelson.json');
  const layers = await settingLayers(own);
  const app = dir === undefined ? [] : await appLayers(dir);
  const all = [
    ['default', DEFAULTS] as const,
    ...layers.filter(({path}) => path !== own).map(({path, settings}) => [path, settings] as const),
    ...app,
    ...layers.filter(({path}) => path === own).map(({settings}) => [OWN, settings] as const),
  ];
  const said = new Map<string, Said>();
  for (const [from, settings] of all)
    for (const [name, value] of flat(settings)) {
      const before = said.get(name);
      if (name === 'persistent' && before !== undefined)
        said.set(name, {
          name,
          value: [...new Set([...(before.value as string[]), ...(value as string[])])],
          from: `${before.from}, ${from}`,
        });
      else said.set(name, {name, value, from});
    }
  return [...said.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const OWN = 'keelson.json of the deploy root';

async function appLayers(dir: string): Promise<(readonly [string, object])[]> {
  const manifest = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')) as {keelson?: object};
  return [
    ['package.json of the app', manifest.keelson ?? {}],
    ['keelson.deploy.json of the app', await readProjectRules(join(dir, 'keelson.deploy.json'))],
  ];
}

function flat(settings: object, before = ''): [string, unknown][] {
  return Object.entries(settings).flatMap(([key, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flat(value as object, `${before}${key}.`)
      : [[`${before}${key}`, value]],
  );
}
