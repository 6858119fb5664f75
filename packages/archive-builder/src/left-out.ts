import {isAbsolute, relative, sep} from 'node:path';
import type {Checkout} from '@keelson/source';
import {archiveBase} from './archive-name.ts';

// https://yarnpkg.com/getting-started/qa#which-files-should-be-gitignored: what only installing needs.
const OF_YARN = /^\.yarn\/(cache|unplugged|install-state\.gz|build-state\.yml)$/;

// With Plug'n'Play the packages are loaded from there.
const PACKAGES = /^\.yarn\/(cache|unplugged)$/;

/**
 * Why a path of the app stays out, beside what never goes into an archive. Archives of this app that lie in its own sources, because
 * somebody builds in that folder, would be useless in the next one, and no two builds would be equal.
 */
export function leftOut(
  {from}: Pick<Checkout, 'from'>,
  name: string,
  {to, pnp}: {readonly to: string; readonly pnp: boolean},
): (path: string) => string | undefined {
  const begin = `${archiveBase(name)}-`;
  const inside = from.kind === 'directory' ? relative(from.path, to) : '..';
  const target = isAbsolute(inside) ? undefined : inside.split(sep).join('/');
  return (path) => {
    const isOurs =
      path.startsWith(begin) && /^\d[^/]*\.(tgz|tar\.gz|tar\.zst|tar)$/.test(path.slice(begin.length));
    if (path === target || isOurs) return 'it is an archive of this app';
    return !(pnp && PACKAGES.test(path)) && OF_YARN.test(path)
      ? 'yarn needs it for installing alone'
      : undefined;
  };
}
