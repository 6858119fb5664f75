import {execFile} from 'node:child_process';
import {stat} from 'node:fs/promises';
import {dirname} from 'node:path';
import {promisify} from 'node:util';

interface Account {
  readonly uid: number;
  readonly groups: readonly number[];
}

async function accountNamed(name: string): Promise<Account | undefined> {
  const ask = async (flag: string) => (await promisify(execFile)('id', [flag, '--', name])).stdout.trim();
  try {
    return {uid: Number(await ask('-u')), groups: (await ask('-G')).split(' ').map(Number)};
  } catch {
    return undefined;
  }
}

function ancestors(path: string): string[] {
  const above = dirname(path);
  return above === path ? [] : [above, ...ancestors(above)];
}

async function isClosed(directory: string, {uid, groups}: Account): Promise<boolean> {
  const status = await stat(directory).catch(() => undefined);
  if (!status) return false;
  const bit = status.uid === uid ? 0o100 : groups.includes(status.gid) ? 0o010 : 0o001;
  return (status.mode & bit) === 0;
}

/** The directories on the way to these paths, and the first path itself, that an account may not go through, by their modes. */
export async function closedDirectories(name: string, paths: readonly string[]): Promise<string[]> {
  const account = await accountNamed(name);
  if (!account || account.uid === 0) return [];
  const ways = [...new Set([...paths.slice(0, 1), ...paths.flatMap(ancestors)])];
  const closed = await Promise.all(ways.map((directory) => isClosed(directory, account)));
  return ways.filter((_, index) => closed[index]).sort();
}
