import {isAbsolute, relative, resolve, sep} from 'node:path';
import picomatch from 'picomatch';

/** What `--watch` without a glob looks at. */
export const DEFAULT_GLOBS = ['**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx,json}'];

/** The files of one process type: relative paths below (or, with `../`, beside) a root. */
export interface WatchedFiles {
  /** The folders and files, relative to the root, that hold all of them. */
  readonly bases: readonly string[];
  /** Whether a folder may hold some of them. */
  mayHold(folder: string): boolean;
  matches(path: string): boolean;
}

/** Never looked into, unless a glob begins there. */
const IGNORED = new Set(['node_modules', '.git']);

/**
 * The globs of a type.
 * @param given what stands behind `--watch`: '' for no glob, `GLOB` for every type, `TYPE=GLOB`; undefined without the flag
 * @param configured the `watch` of the type in package.json
 */
export function globsOf(
  type: string,
  given: readonly string[] | undefined,
  configured: readonly string[] = [],
): readonly string[] {
  if (given === undefined) return configured;
  const globs = given.flatMap((text) => {
    const [, only, glob] = /^([A-Za-z0-9_-]+)=(.*)$/s.exec(text) ?? [];
    return only === undefined || only === type ? [glob ?? text] : [];
  });
  if (globs.length === 0) return configured;
  const named = globs.filter((glob) => glob !== '');
  if (named.length === globs.length) return named;
  return [...(configured.length > 0 ? configured : DEFAULT_GLOBS), ...named];
}

/** `!GLOB` takes files away again. A name without wildcards is the file, or everything in the folder, of that name. */
export function watchedFiles(root: string, globs: readonly string[]): WatchedFiles {
  const relativeGlobs = globs.map((glob) => {
    const negated = glob.startsWith('!') && !glob.startsWith('!(');
    return {negated, glob: relativeGlob(root, negated ? glob.slice(1) : glob)};
  });
  const only = (negated: boolean) =>
    relativeGlobs.filter((one) => one.negated === negated).map(({glob}) => glob);
  const wanted = only(false).length > 0 ? only(false) : DEFAULT_GLOBS;
  const matches = picomatch(wanted.flatMap(withContent));
  // Who takes files away means hidden ones, too.
  const unwanted = picomatch(only(true).flatMap(withContent), {dot: true});
  const bases = [...new Set(wanted.map((glob) => picomatch.scan(glob).base || '.'))];
  const isInside = (path: string) =>
    bases.some((base) => {
      const way = wayBelow(resolve(root, base), resolve(root, path));
      return way !== undefined && !way.some((part) => IGNORED.has(part));
    });
  return {
    bases,
    mayHold: (folder) =>
      isInside(folder) ||
      bases.some((base) => wayBelow(resolve(root, folder), resolve(root, base)) !== undefined),
    matches: (path) => matches(path) && !unwanted(path) && isInside(path),
  };
}

/** The folders between a folder and what lies below it; undefined when it does not. */
function wayBelow(folder: string, path: string): string[] | undefined {
  const way = relative(folder, path).split(sep);
  return way[0] === '..' ? undefined : way;
}

function relativeGlob(root: string, glob: string): string {
  const plain = glob.replace(/^(\.\/+)+/, '').replace(/(.)\/+$/, '$1');
  if (!isAbsolute(plain)) return plain;
  const {base, glob: rest} = picomatch.scan(plain);
  const start = relative(root, base) || '.';
  if (rest === '') return start;
  return start === '.' ? rest : `${start}/${rest}`;
}

function withContent(glob: string): string[] {
  if (glob === '.') return ['**'];
  return picomatch.scan(glob).isGlob ? [glob] : [glob, `${glob}/**`];
}
