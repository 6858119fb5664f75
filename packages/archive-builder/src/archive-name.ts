import {isAbsolute, relative, sep} from 'node:path';
import type {Checkout} from '@keelson/source';

/** `@scope/app` → `scope-app-1.0.0.tgz`, as `npm pack` names it. */
export function archiveName(name: string, version: string): string {
  return `${baseOf(name)}-${version}.tgz`;
}

/**
 * Archives of this app that lie in its own sources, because somebody builds in that folder: in the next archive they would be
 * useless, and no two builds would be equal.
 */
export function earlierArchives(
  {from}: Pick<Checkout, 'from'>,
  name: string,
  to: string,
): (path: string) => string | undefined {
  const begin = `${baseOf(name)}-`;
  const inside = from.kind === 'directory' ? relative(from.path, to) : '..';
  const target = isAbsolute(inside) ? undefined : inside.split(sep).join('/');
  return (path) => {
    const isOurs = path.startsWith(begin) && /^\d[^/]*\.(tgz|tar\.gz|tar)$/.test(path.slice(begin.length));
    return path === target || isOurs ? 'it is an archive of this app' : undefined;
  };
}

function baseOf(name: string): string {
  return name.replace(/^@/, '').replaceAll('/', '-');
}
