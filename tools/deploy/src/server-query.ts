import type {DeployHere} from './deploy-archive.ts';
import {DeployServerFault} from './fault.ts';

/** What is decided by a server for all its apps, and the flag for it. */
const ITS_OWN = {
  host: '--app-host of keelson deploy serve',
  basePort: '--app-port of keelson deploy serve',
  user: 'keelson deploy serve runs apps as who runs it: start it as that user',
  group: 'keelson deploy serve runs apps as who runs it: start it as that user',
  limits: 'keelson deploy set memory, and set cpus',
  runtimeDir: 'keelson deploy setup --runtime-dir, before the first deploy',
  tmpDir: 'keelson deploy set tmpDir',
} as const;

const NAMES: Readonly<Record<keyof typeof ITS_OWN, string>> = {
  host: '--listen-addr',
  basePort: '--port',
  user: '--user',
  group: '--group',
  limits: '--limit-memory and --limit-cpus',
  runtimeDir: '--runtime-dir',
  tmpDir: '--tmp-dir',
};

/** The rest of a question to a server: what one deploy may say of itself. Fault SERVE_BAD_VALUE for what is not its to say. */
export function serverQuery(here: DeployHere, words: Readonly<Record<string, string>> = {}): string {
  for (const key of Object.keys(ITS_OWN) as (keyof typeof ITS_OWN)[])
    if (here[key] !== undefined)
      throw new DeployServerFault('SERVE_BAD_VALUE', `${NAMES[key]} is not for an app that a server runs`, {
        hint: `There it is: ${ITS_OWN[key]}`,
      });
  const {waitMs, bakeMs, keep, build} = here;
  const numbers = Object.entries({waitMs, bakeMs, keep}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  const query = new URLSearchParams({
    ...words,
    ...Object.fromEntries(numbers),
    ...(build === true && {build: 'yes'}),
  });
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** The server's side of it. */
export function queryOptions(
  query: URLSearchParams,
): Pick<DeployHere, 'waitMs' | 'bakeMs' | 'keep' | 'build'> {
  const numbers = ['waitMs', 'bakeMs', 'keep'].flatMap((name) => {
    const text = query.get(name);
    return text === null ? [] : [[name, Number(text)] as const];
  });
  return {...Object.fromEntries(numbers), ...(query.has('build') && {build: true})};
}
