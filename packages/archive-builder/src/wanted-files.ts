import {existsSync, lstatSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {dirname, join} from 'node:path/posix';
import {BILL_NAME} from './write-bill.ts';
import {readPackageJson} from './read-package-json.ts';

/** Tells why a path does not belong into the archive; undefined: it does. */
export type Exclude = (path: string) => string | undefined;

const IGNORE_FILE = '.keelsonignore';

/** Manifests, lockfiles and the Procfile, which no rule leaves out. */
export function alwaysWanted(path: string): boolean {
  return ALWAYS.test(path);
}

// A release cannot do without them, whatever an author publishes to a registry.
const ALWAYS =
  /^(package\.json|Procfile|npm-shrinkwrap\.json|package-lock\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml|yarn\.lock|\.yarnrc\.yml)$/;
const INSTALLED = /(^|\/)node_modules(\/|$)|^\.pnp\.|^\.yarn(\/(cache|unplugged)(\/|$)|$)/;

/**
 * The app's own rules: `.keelsonignore` (written as a .gitignore, dependencies included); without one the rules by which npm
 * publishes, when there are any: `files` of package.json and `.npmignore`. What git ignores is not looked at: build output is.
 */
export async function wantedFiles(dir: string): Promise<Exclude> {
  const rules = join(dir, IGNORE_FILE);
  if (existsSync(rules)) return byIgnoreFile(await readFile(rules, 'utf8'));
  const manifest = readPackageJson(join(dir, 'package.json')) as {files?: unknown};
  if (Array.isArray(manifest.files))
    return byPublishing(dir, manifest, 'package.json does not list it in "files"');
  if (existsSync(join(dir, '.npmignore'))) return byPublishing(dir, manifest, '.npmignore leaves it out');
  return () => undefined;
}

async function byIgnoreFile(text: string): Promise<Exclude> {
  const {default: ignore} = await import('ignore');
  const rules = ignore().add(text);
  return (path) => {
    if (path === IGNORE_FILE) return 'only building needs it';
    if (ALWAYS.test(path)) return undefined;
    return rules.ignores(path) ? `${IGNORE_FILE} leaves it out` : undefined;
  };
}

async function byPublishing(dir: string, manifest: object, because: string): Promise<Exclude> {
  const {default: packlist} = await import('npm-packlist');
  const files = await packlist({path: dir, package: manifest, isProjectRoot: true, edgesOut: new Map()});
  const wanted = new Set(files);
  for (const file of files)
    for (let folder = dirname(file); folder !== '.' && !wanted.has(folder); folder = dirname(folder))
      wanted.add(folder);
  return (path) => {
    if (ALWAYS.test(path) || path === BILL_NAME || INSTALLED.test(path) || wanted.has(path)) return undefined;
    // npm publishes no links; one that lies beside files that are wanted belongs to them.
    const isLink = lstatSync(join(dir, path), {throwIfNoEntry: false})?.isSymbolicLink() === true;
    return isLink && (dirname(path) === '.' || wanted.has(dirname(path))) ? undefined : because;
  };
}
