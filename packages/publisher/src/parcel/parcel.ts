import {mkdir} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {extractArchive, type Archive} from '@keelson/archive';
import {temporaryDirectory} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import type {Package} from './package.ts';
import {hashFile} from './hash-file.ts';
import {packTree} from './pack-tree.ts';

export interface ParcelFile {
  readonly path: string;
  readonly bytes: number;
  /** `sha256-` and hex. */
  readonly fileDigest: string;
  /** Its usual name, `web-1.0.0.tgz`. */
  readonly name: string;
}

/** Something to publish in the forms that destinations take; each form is made once, when it is asked for. */
export interface Parcel extends AsyncDisposable {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  /** A folder with its files. */
  tree(options: StepOptions): Promise<string>;
  /** It as one file: the archive's own, or one that is packed for this. */
  file(options: StepOptions): Promise<ParcelFile>;
}

/** An archive, or a package as it is. */
export function openParcel(what: Archive | Package): Parcel {
  const {name, version} = what.kind === 'archive' ? what.manifest : what;
  let work: Awaited<ReturnType<typeof temporaryDirectory>> | undefined;
  const place = async (inside: string) => {
    work ??= await temporaryDirectory({prefix: 'keelson-publish-'});
    return join(work.path, inside);
  };
  const tree = once(async (options: StepOptions) => {
    if (what.kind === 'package') return what.dir;
    if (what.form === 'directory') return what.path;
    const dir = await place('tree');
    await extractArchive(what, dir, {signal: options.signal});
    return dir;
  });
  const file = once(async (options: StepOptions): Promise<ParcelFile> => {
    const own = what.kind === 'package' ? what.tarball : what.form === 'file' ? what.path : undefined;
    if (own !== undefined)
      return {path: own, name: nameOf(own, {name, version}), ...(await hashFile(own, options))};
    const packed = nameOf('.tgz', {name, version});
    await mkdir(await place('packed'), {recursive: true});
    const path = await place(`packed/${packed}`);
    await packTree(await tree(options), path, options);
    return {path, name: packed, ...(await hashFile(path, options))};
  });
  return {
    name,
    version,
    digest: what.digest,
    tree,
    file,
    [Symbol.asyncDispose]: async () => await work?.[Symbol.asyncDispose](),
  };
}

/** `@scope/web` 1.0.0 → `scope-web-1.0.0.tgz`, as npm and keelson build name it. */
function nameOf(path: string, {name, version}: {readonly name: string; readonly version: string}): string {
  const ending = /\.(tgz|tar\.gz|tar\.zst|tzst|tar)$/i.exec(basename(path))?.[0] ?? '.tgz';
  return `${name.replace(/^@/, '').replaceAll(/[^\w.-]+/g, '-')}-${version}${ending}`;
}

/** The first success is kept; after a failure it is tried again. */
function once<T>(make: (options: StepOptions) => Promise<T>): (options: StepOptions) => Promise<T> {
  let made: Promise<T> | undefined;
  return async (options) => {
    made ??= make(options);
    try {
      return await made;
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
}
