import {run} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';
import {installEnvironment} from './environment.ts';
import {PackageManagerFault} from './fault.ts';

/** A package as its registry describes it: https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md */
export interface RegistryPackage {
  /** URL, with a `/` at its end. */
  readonly registry: string;
  /** Version → when it was published. */
  readonly time: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, {readonly dist?: RegistryDist | undefined}>>;
}

export interface RegistryDist {
  readonly integrity?: string | undefined;
  readonly signatures?: readonly {readonly keyid: string; readonly sig: string}[] | undefined;
}

// As many at once as npm asks for.
const AT_ONCE = 15;
const TIMEOUT_MS = 60_000;

/**
 * What the registries know of these packages, by name. Registries come from npm's configuration (`registry`, `@scope:registry`); what
 * one does not know is left out, since it came from elsewhere. Faults: PM_REGISTRY (temporary when it could not be reached).
 */
export async function registryPackages(
  dir: string,
  names: readonly string[],
  {signal}: StepOptions = {},
): Promise<Map<string, RegistryPackage>> {
  const registryOf = await registries(dir, names, signal);
  const found = new Map<string, RegistryPackage>();
  const todo = [...new Set(names)];
  const work = async () => {
    for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
      const registry = registryOf(name);
      const answer = await askRegistry<RegistryPackage>(`${registry}${name.replace('/', '%2f')}`, signal);
      if (answer !== undefined)
        found.set(name, {registry, time: answer.time ?? {}, versions: answer.versions ?? {}});
    }
  };
  await Promise.all(Array.from({length: AT_ONCE}, work));
  return found;
}

/** A registry's answer; undefined when it has none (404). Faults: PM_REGISTRY. */
export async function askRegistry<T>(url: string, signal: AbortSignal | undefined): Promise<T | undefined> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let because: string;
  try {
    const response = await fetch(url, {
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (response.ok) return (await response.json()) as T;
    await response.body?.cancel();
    if (response.status === 404) return undefined;
    because = `the answer is ${response.status}`;
  } catch (error) {
    signal?.throwIfAborted();
    because = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;
  }
  throw new PackageManagerFault('PM_REGISTRY', `${url} cannot be read: ${because}`, {
    temporary: !because.startsWith('the answer is 4'),
    hint: 'Registries that want credentials or a proxy are not supported here.',
  });
}

async function registries(
  dir: string,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<(name: string) => string> {
  const scopes = [
    ...new Set(names.filter((name) => name.startsWith('@')).map((name) => name.split('/')[0]!)),
  ];
  const keys = ['registry', ...scopes.map((scope) => `${scope}:registry`)];
  const args = ['config', 'get', ...keys, '--no-update-notifier'];
  const {stdout} = await run({command: 'npm', args, cwd: dir, env: installEnvironment()}, {signal});
  // Of one key npm prints the value alone, of several lines `key=value`.
  const lines = keys.length === 1 ? [`registry=${stdout.trim()}`] : stdout.trim().split('\n');
  const values = new Map(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
  );
  return (name) => {
    const own = values.get(`${name.split('/')[0]}:registry`);
    const registry = own === undefined || own === 'undefined' ? values.get('registry')! : own;
    return registry.replace(/\/*$/, '/');
  };
}
