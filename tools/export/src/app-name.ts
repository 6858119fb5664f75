import {basename} from 'node:path';

import {AppExportFault} from './fault.ts';

const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const HINT = 'Give one with --app: a letter, then letters, digits and -.';

function derivedName(from: string): string {
  return from
    .toLowerCase()
    .replace(/^@[^/]*\//, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
}

/**
 * The name of an app's units. One that is given is taken to the letter: `a.b` and `a-b` are not to be one app. Else it is made of the
 * package's, or the directory's: of `@acme/Web.Shop` it is `web-shop`. Faults: EXPORT_NAME.
 */
export function appName(given: string | undefined, packageName: string | undefined, dir: string): string {
  const name = given ?? derivedName(packageName ?? basename(dir));
  if (NAME.test(name)) return name;
  if (given === undefined)
    throw new AppExportFault(
      'EXPORT_NAME',
      `no name of units can be made of "${packageName ?? basename(dir)}"`,
      {
        hint: HINT,
      },
    );
  const near = derivedName(given);
  throw new AppExportFault('EXPORT_NAME', `"${given}" cannot be the name of units`, {
    hint: NAME.test(near) ? `It has a letter first, then letters, digits and -: ${near}, for example.` : HINT,
  });
}
