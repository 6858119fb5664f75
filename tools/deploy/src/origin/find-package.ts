import {existsSync} from 'node:fs';
import {readdir, readFile} from 'node:fs/promises';
import {basename, join, resolve} from 'node:path';
import {temporaryDirectory} from '@keelson/atomic-fs';
import {withoutCredentials} from '@keelson/git';
import {download} from '@keelson/source';
import {isFault, type StepOptions} from '@keelson/step';
import {DeployServerFault} from '../fault.ts';
import {newestOf} from './newest-of.ts';
import type {Found, Origin} from './origin.ts';

type PackageOrigin = Extract<Origin, {kind: 'package'}>;
type FoundPackage = Extract<Found, {kind: 'package'}>;

const ARCHIVE = /\.(tgz|tar\.gz|tar|tar\.zst|tzst)$/i;
const MOST_BYTES = 256 * 1024 ** 2; // registries tell every version of a package ever published

/**
 * The newest package that matches, of a folder, an npm registry (where it knows the package), or the links of a page.
 * Faults: SERVE_NOTHING_FOUND, SERVE_BAD_VALUE, and SOURCE_* of what cannot be read.
 */
export async function findPackage(origin: PackageOrigin, options: StepOptions = {}): Promise<FoundPackage> {
  if (!/^https?:\/\//i.test(origin.repo)) return inFolder(origin);
  return (await inRegistry(origin, options)) ?? (await inIndex(origin, options));
}

async function inFolder({repo, pool, pattern}: PackageOrigin): Promise<FoundPackage> {
  const folder = resolve(repo, poolName(pool));
  if (!existsSync(folder)) throw nothing(`there is no folder ${folder}`, 'Name the folder of the packages.');
  const entries = await readdir(folder, {withFileTypes: true});
  const names = entries.filter((one) => !one.isDirectory() && ARCHIVE.test(one.name)).map(({name}) => name);
  const name = newestOf(names, pattern);
  if (name === undefined) throw noMatch(folder, pattern, names);
  return {kind: 'package', name, at: {path: join(folder, name)}};
}

/** https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md */
interface PackageDocument {
  readonly versions?: Readonly<
    Record<string, {readonly dist?: {readonly tarball?: string; readonly integrity?: string}}>
  >;
  readonly 'dist-tags'?: Readonly<Record<string, string>>;
}

/** Undefined: nothing there answers as a registry that knows the package. */
async function inRegistry(
  {repo, pool, pattern}: PackageOrigin,
  options: StepOptions,
): Promise<FoundPackage | undefined> {
  const {name, versions: wanted} = splitPattern(pattern);
  if (name === undefined) return undefined;
  const text = await read(`${slashed(repo)}${name.replace('/', '%2f')}`, options);
  const known = text === undefined ? undefined : documentOf(text);
  if (known?.versions === undefined) return undefined;
  const all = Object.keys(known.versions);
  const tagged = pool === undefined ? undefined : known['dist-tags']?.[pool];
  const version = newestOf(pool === undefined ? all : all.filter((one) => one === tagged), wanted);
  const where = `${name} of ${withoutCredentials(repo)}${pool === undefined ? '' : ` tagged ${pool}`}`;
  if (version === undefined) throw noMatch(where, pattern, all);
  const {tarball, integrity} = known.versions[version]?.dist ?? {};
  if (tarball === undefined || integrity === undefined)
    throw nothing(
      `${name}@${version} of ${withoutCredentials(repo)} has no tarball with an integrity`,
      'Publish it anew.',
    );
  return {kind: 'package', name: `${name}@${version}`, at: {url: tarball}, integrity};
}

async function inIndex({repo, pool, pattern}: PackageOrigin, options: StepOptions): Promise<FoundPackage> {
  const page = slashed(`${slashed(repo)}${poolName(pool)}`);
  const shown = withoutCredentials(page);
  const text = await read(page, options);
  if (text === undefined)
    throw nothing(`there is nothing at ${shown}`, 'Name the page that links to the packages, or a registry.');
  const links = new Map(linksOf(text, page).map((url) => [fileOf(url), url]));
  const names = [...links.keys()].filter((name) => ARCHIVE.test(name));
  const name = newestOf(names, pattern);
  if (name === undefined) throw noMatch(shown, pattern, names);
  return {kind: 'package', name, at: {url: links.get(name)!}};
}

/** `shop-1.*` is the package shop, and of its versions 1.*. */
export function splitPattern(pattern: string): {
  readonly name: string | undefined;
  readonly versions: string;
} {
  const [, name, versions] = /^(@?[^@]+)@(.+)$/.exec(pattern) ?? /^(.+?)-(v?[\d*?[].*)$/.exec(pattern) ?? [];
  if (name !== undefined && versions !== undefined) return {name: plain(name), versions};
  return {name: plain(pattern), versions: '*'};
}

/** Undefined for what cannot be the name of a package in a registry. */
function plain(name: string): string | undefined {
  return /^(@[\w.~-]+\/)?[\w.~-]+$/.test(name) ? name : undefined;
}

/** URLs that a page links to; of a page without links, its words. */
function linksOf(text: string, page: string): string[] {
  const hrefs = [...text.matchAll(/\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi)].map(
    ([, one, two, three]) => (one ?? two ?? three ?? '').replaceAll('&amp;', '&'),
  );
  const words = hrefs.length > 0 ? hrefs : text.split(/\s+/);
  return words.flatMap((word) => {
    if (word === '' || !URL.canParse(word, page)) return [];
    const url = new URL(word, page);
    return /^https?:$/.test(url.protocol) ? [url.href] : [];
  });
}

function fileOf(url: string): string {
  const name = basename(new URL(url).pathname);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** What is at a URL; undefined where there is nothing. */
async function read(url: string, {signal}: StepOptions): Promise<string | undefined> {
  await using folder = await temporaryDirectory({prefix: 'keelson-index-'});
  const to = join(folder.path, 'page');
  try {
    await download({kind: 'http', url}, to, {signal, maxBytes: MOST_BYTES, tries: 2});
  } catch (error) {
    if (isFault(error) && error.code === 'SOURCE_MISSING') return undefined;
    throw error;
  }
  return readFile(to, 'utf8');
}

function documentOf(text: string): PackageDocument | undefined {
  try {
    return JSON.parse(text) as PackageDocument;
  } catch {
    return undefined;
  }
}

function poolName(pool = ''): string {
  if (/^[\w.~-]*(\/[\w.~-]+)*$/.test(pool) && !pool.split('/').includes('..')) return pool;
  throw new DeployServerFault('SERVE_BAD_VALUE', `--pool ${JSON.stringify(pool)} is no folder below --repo`);
}

function slashed(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

function noMatch(where: string, pattern: string, names: readonly string[]): DeployServerFault {
  return nothing(
    `no package of ${where} matches ${pattern}`,
    `Newest of the ${names.length} there: ${newestOf(names) ?? 'there is none'}.`,
  );
}

function nothing(what: string, hint: string): DeployServerFault {
  return new DeployServerFault('SERVE_NOTHING_FOUND', what, {hint});
}
