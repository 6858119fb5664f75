import {AppExportFault} from './fault.ts';

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** The name of an app's units: of `@acme/Web.Shop` it is `web-shop`. Faults: EXPORT_NAME. */
export function appName(given: string): string {
  const name = given
    .toLowerCase()
    .replace(/^@[^/]*\//, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  if (NAME.test(name)) return name;
  throw new AppExportFault('EXPORT_NAME', `no name of units can be made of "${given}"`, {
    hint: 'Give one with --app: a letter, then letters, digits and -.',
  });
}
