import {readFileSync} from 'node:fs';

/** This program, as an archive names it: `@keelson/archive-builder/0.1.0`. */
export function builderVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const {name, version} = JSON.parse(text) as {name: string; version: string};
  return `${name}/${version}`;
}
