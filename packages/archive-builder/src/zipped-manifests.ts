import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

interface PnpData {
  readonly packageRegistryData: readonly (readonly [
    name: string | null,
    versions: readonly (readonly [reference: string | null, information: unknown])[],
  ])[];
}

/**
 * Name and version of the packages that yarn keeps zipped (Plug'n'Play), as package.json files: path → text. Only those of a registry:
 * others say no version. https://yarnpkg.com/advanced/pnp-spec
 */
export function zippedManifests(dir: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, versions] of pnpData(dir)?.packageRegistryData ?? [])
    for (const [reference] of versions) {
      const version = /(?:^|#)npm:([^:#]+)$/.exec(reference ?? '')?.[1];
      if (name === null || version === undefined) continue;
      found.set(`node_modules/${name}@${version}/package.json`, JSON.stringify({name, version}));
    }
  return found;
}

function pnpData(dir: string): PnpData | undefined {
  const data = join(dir, '.pnp.data.json');
  if (existsSync(data)) return JSON.parse(readFileSync(data, 'utf8')) as PnpData;
  const map = join(dir, '.pnp.cjs');
  if (!existsSync(map)) return undefined;
  // A JSON text as a string of JavaScript, its lines joined by backslashes.
  const literal = /RAW_RUNTIME_STATE\s*=\s*'((?:[^'\\]|\\[\s\S])*)'/.exec(readFileSync(map, 'utf8'))?.[1];
  if (literal === undefined) return undefined;
  const text = literal.replaceAll('\\\n', '').replaceAll(/\\(['\\])/g, '$1');
  return JSON.parse(text) as PnpData;
}
