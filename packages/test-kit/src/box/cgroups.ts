import {readdirSync, rmdirSync} from 'node:fs';
import {join} from 'node:path';

/** The groups that `confine.sh` printed. */
export function groupsOf(printed: string): string[] {
  return printed.split('\n').filter((line) => /^\/sys\/fs\/cgroup\/.*\/keelson-box-[^/]+$/.test(line));
}

/** Takes them away, innermost first; those that are gone are. True when all are. */
export function removeGroups(printed: string): boolean {
  return groupsOf(printed)
    .map(removeGroup)
    .every((gone) => gone);
}

function removeGroup(path: string): boolean {
  try {
    for (const entry of readdirSync(path, {withFileTypes: true}))
      if (entry.isDirectory()) removeGroup(join(path, entry.name));
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
