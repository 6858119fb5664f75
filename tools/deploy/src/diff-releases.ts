import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {diffArchives, isBuilt, openArchive, type ArchiveDifference} from '@keelson/archive';
import {parseEnv} from '@keelson/env';
import {openReleases, type ConfigRevision, type Release} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';
import {DeployServerFault} from './fault.ts';

export interface ConfigDifference {
  readonly from: number;
  readonly to: number;
  /** Names; a value is never told. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Files that are rendered for each release, by their paths. */
export interface RenderedDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export interface ReleaseDifference {
  readonly kind: 'release-difference';
  readonly from: number;
  readonly to: number;
  readonly files: ArchiveDifference;
  readonly config: ConfigDifference;
  readonly rendered: RenderedDifference;
}

/** What release `to` has that `from` has not, and the other way round: files by their manifests, rendered ones by what is in them, configuration by its names. Faults: RELEASE_MISSING, SERVE_FAILED. */
export async function diffReleases(
  root: string,
  [from, to]: readonly [number, number],
  options: StepOptions = {},
): Promise<ReleaseDifference> {
  await using releases = await openReleases(root, {...options, reason: 'diff'});
  const [before, after] = [await releases.get(from), await releases.get(to)];
  for (const {dir, number} of [before, after])
    if (!(await isBuilt(dir)))
      throw new DeployServerFault(
        'SERVE_FAILED',
        `release ${number} was deployed from sources, which have no list of their files`,
        {
          hint: `Compare the folders: diff -r ${before.dir} ${after.dir}`,
        },
      );
  const [one, other] = [await openArchive(before.dir, options), await openArchive(after.dir, options)];
  const config = diffConfig(
    await releases.config.read(before.config),
    await releases.config.read(after.config),
  );
  const rendered = await diffRendered(before, after);
  return {
    kind: 'release-difference',
    from,
    to,
    files: await diffArchives(one, other, options),
    config,
    rendered,
  };
}

/** Which of the files that were rendered for two releases differ. */
async function diffRendered(before: Release, after: Release): Promise<RenderedDifference> {
  const [old = [], now = []] = [before.rendered, after.rendered];
  const differ = async (path: string) => {
    const [one, other] = await Promise.all([before, after].map(({dir}) => contentOf(join(dir, path))));
    return one === undefined || other === undefined ? one !== other : !one.equals(other);
  };
  const changed: string[] = [];
  for (const path of now) if (old.includes(path) && (await differ(path))) changed.push(path);
  return {
    added: now.filter((path) => !old.includes(path)),
    removed: old.filter((path) => !now.includes(path)),
    changed,
  };
}

/** Undefined: something in the release has removed it. */
async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Names of configuration values that differ. */
export function diffConfig(from: ConfigRevision, to: ConfigRevision): ConfigDifference {
  const [before, after] = [from, to].map(({text, path}) => parseEnv(text, {path}));
  const has = (values: object | undefined, name: string) => Object.hasOwn(values ?? {}, name);
  const names = [...new Set([...Object.keys(before!), ...Object.keys(after!)])].toSorted();
  return {
    from: from.number,
    to: to.number,
    added: names.filter((name) => !has(before, name)),
    removed: names.filter((name) => !has(after, name)),
    changed: names.filter((name) => has(before, name) && has(after, name) && before![name] !== after![name]),
  };
}

/** For a terminal: `+` added, `-` removed, `~` changed. */
export function differenceLines({files, config, rendered}: ReleaseDifference): string[] {
  return [
    ...files.removed.map(({path}) => `- ${path}`),
    ...files.added.map(({path}) => `+ ${path}`),
    ...files.changed.map(({path, what}) => `~ ${path} (${what.join(', ')})`),
    ...rendered.removed.map((path) => `- ${path} (rendered)`),
    ...rendered.added.map((path) => `+ ${path} (rendered)`),
    ...rendered.changed.map((path) => `~ ${path} (rendered)`),
    ...configLines(config),
  ];
}

export function configLines({added, removed, changed}: ConfigDifference): string[] {
  return [
    ...removed.map((name) => `- config ${name}`),
    ...added.map((name) => `+ config ${name}`),
    ...changed.map((name) => `~ config ${name}`),
  ];
}
