import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {removeTree} from '@keelson/atomic-fs';

/** Removes what `.pnp.cjs` no longer names of yarn's packages, zipped and unpacked: `focus` leaves them where they were. */
export async function removeUnusedZips(dir: string): Promise<void> {
  const maps = ['.pnp.cjs', '.pnp.data.json'].filter((name) => existsSync(join(dir, name)));
  if (maps.length === 0) return;
  const text = maps.map((name) => readFileSync(join(dir, name), 'utf8')).join('\n');
  for (const folder of ['.yarn/cache', '.yarn/unplugged'])
    for (const name of existsSync(join(dir, folder)) ? readdirSync(join(dir, folder)) : [])
      if (!name.startsWith('.') && !text.includes(`/${name}/`)) await removeTree(join(dir, folder, name));
}
