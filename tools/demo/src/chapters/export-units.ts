import {join} from 'node:path';
import type {Facts} from '../demo.ts';
import type {Stage} from '../stage.ts';

/** The same release as unit files for the machine's own process manager, checked before anyone installs them. */
export async function exportUnits(stage: Stage): Promise<Facts> {
  const release = join(stage.root, 'guestbook', 'current');
  const out = join(stage.folder, 'units');
  await stage.keelson([
    'export',
    'systemd',
    release,
    '--out',
    out,
    '--app',
    'guestbook',
    '--user',
    'www-data',
  ]);
  return {out};
}
