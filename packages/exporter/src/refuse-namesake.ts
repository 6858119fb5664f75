import {readdir, realpath} from 'node:fs/promises';
import {join} from 'node:path';

import {ExportFault} from './fault.ts';
import type {Installed, Manager} from './formats/unit-format.ts';
import type {UnitFile} from './render-units.ts';

interface Place extends Pick<Installed, 'app' | 'directory' | 'scope'> {
  readonly files: readonly UnitFile[];
  readonly root?: string | undefined;
}

/**
 * Refuses a file that would take the place of somebody else's, or have its place taken, in another directory where the manager looks: an
 * app called printer has no printer.target. Faults: EXPORT_FOREIGN_FILE.
 */
export async function refuseNamesake(manager: Manager, place: Place): Promise<void> {
  const {app, directory, scope, files, root = '/'} = place;
  const names = new Set(files.map(({path}) => path));
  const real = (path: string) => realpath(join(root, path)).catch(() => join(root, path));
  const own = await real(directory);
  for (const other of new Set(await Promise.all((manager.alsoSearched?.(scope) ?? []).map(real)))) {
    if (other === own) continue;
    const taken = (await readdir(other).catch(() => [])).find((name) => names.has(name));
    if (taken === undefined) continue;
    throw new ExportFault(
      'EXPORT_FOREIGN_FILE',
      `${join(other, taken)} is there: the manager would take only one of it and the ${taken} of ${app}`,
      {hint: 'Choose another app name.'},
    );
  }
}
