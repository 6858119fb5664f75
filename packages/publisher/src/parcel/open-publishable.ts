import {join} from 'node:path';
import {isBuilt, openArchive, resolveArchive, type Archive} from '@keelson/archive';
import {temporaryDirectory} from '@keelson/atomic-fs';
import {
  download,
  openSource,
  parseSource,
  type Checkout,
  type Source,
  type SourceEvent,
} from '@keelson/source';
import {isFault, type StepOptions} from '@keelson/step';
import {PublisherFault} from '../fault.ts';
import type {Publication, Publications} from '../publication.ts';
import {describePackage, type Package} from './package.ts';

export interface OpenOptions extends StepOptions<SourceEvent> {
  /** For a tarball that comes over http(s). */
  readonly token?: string | undefined;
}

/** What was fetched is gone when it is disposed. */
export interface Publishable extends AsyncDisposable {
  readonly what: Archive | Package;
}

/**
 * What a user names: an archive's path or source, or the JSON value of a build or of a publication. A source that is a built archive
 * (has `keelson.json`) is one, anything else goes out as it is. Faults: those of openArchive and openSource; PUBLISHER_NOTHING.
 */
export async function openPublishable(value: unknown, options: OpenOptions = {}): Promise<Publishable> {
  const source = typeof value === 'string' ? parseSource(value) : published(value);
  if (source !== undefined) return await openNamed(source, options);
  return {what: await resolveArchive(value, {signal: options.signal}), [Symbol.asyncDispose]: async () => {}};
}

/** Where a publication went to is where the next step takes it from, by the digest that was published. */
function published(value: unknown): Source | undefined {
  const {kind, publications = []} = (value ?? {}) as Partial<Publications>;
  const one = (
    kind === 'publications' ? publications.find(({result}) => result.endsWith('published')) : value
  ) as Partial<Publication> | undefined;
  if (kind === 'publications' && one === undefined)
    throw nothing('none of the publications on stdin succeeded');
  if (one?.kind !== 'publication' || one.to === undefined) return undefined;
  if (one.result?.endsWith('published') !== true) throw nothing(`the publication on stdin was ${one.result}`);
  const {to, revision = ''} = one;
  const sha256 = /^sha256-([0-9a-f]{64})$/.exec(revision)?.[1];
  if (to.kind === 'http') return {kind: 'http', url: to.url, sha256};
  if (to.kind === 'file') return {kind: 'tarball', path: to.path};
  if (to.kind === 'git') return {kind: 'git', url: to.url, ref: revision};
  throw nothing(`what was published to ${to.url} cannot be fetched from there`);
}

async function openNamed(source: Source, options: OpenOptions): Promise<Publishable> {
  const {signal} = options;
  if (source.kind === 'directory' && (await isBuilt(source.path)))
    return {what: await openArchive(source.path, {signal}), [Symbol.asyncDispose]: async () => {}};
  const held: AsyncDisposable[] = [];
  const release = async () => {
    for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]();
  };
  try {
    return {what: await fetched(source, {options, held}), [Symbol.asyncDispose]: release};
  } catch (error) {
    await release();
    throw error;
  }
}

async function fetched(
  source: Source,
  {options, held}: {readonly options: OpenOptions; readonly held: AsyncDisposable[]},
): Promise<Archive | Package> {
  const {signal, onEvent, token} = options;
  const open = async (from: Source): Promise<Checkout> => {
    const checkout = await openSource(from, {signal, onEvent});
    held.push(checkout);
    return checkout;
  };
  if (source.kind === 'directory' || source.kind === 'git') {
    const {dir} = await open(source);
    if (await isBuilt(dir)) return await openArchive(dir, {signal});
    return await describePackage({dir, from: source.kind === 'git' ? source.url : source.path}, {signal});
  }
  const {path, from} =
    source.kind === 'tarball' ? {path: source.path, from: source.path} : await fetch(source);
  try {
    return await openArchive(path, {signal});
  } catch (error) {
    if (!isFault(error) || error.code !== 'ARCHIVE_NOT_BUILT') throw error;
  }
  const {dir} = await open({kind: 'tarball', path});
  return await describePackage({dir, from, tarball: path}, {signal});

  async function fetch(remote: Extract<Source, {kind: 'http'}>) {
    const folder = await temporaryDirectory({prefix: 'keelson-download-'});
    held.push(folder);
    const ending = /\.(tar\.zst|tzst|tar)$/i.exec(new URL(remote.url).pathname)?.[0] ?? '.tgz';
    const to = join(folder.path, `package${ending}`);
    await download(remote, to, {signal, onEvent, token});
    return {path: to, from: new URL(remote.url).pathname};
  }
}

function nothing(because: string): PublisherFault {
  return new PublisherFault('PUBLISHER_NOTHING', `there is nothing to publish: ${because}`, {
    hint: 'Name an archive or a source, or pipe in what keelson build --json prints.',
  });
}
