import {readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {isBuilt, openArchive, unpackTarball, type Archive} from '@keelson/archive';
import {isFault} from '@keelson/step';
import type {RawPackage} from './accept.ts';

export interface ArrivalPlace {
  readonly app: string;
  /** Whether a package that is not built is good, too. */
  readonly packages: boolean;
  /** An empty folder, for what has to be unpacked. */
  readonly scratch: string;
  readonly limits: {readonly entries: number; readonly bytes: number};
  readonly signal: AbortSignal;
}

type Brought =
  | {readonly archive: Archive; readonly package?: undefined}
  | {readonly archive?: undefined; readonly package: RawPackage};

const PACKAGE_JSON_BYTES = 1024 * 1024;

/** Decides by what is in it, whatever it is called: a built archive, a package, or why it is neither. Faults: those of @keelson/archive. */
export async function openArrival(
  path: string,
  place: ArrivalPlace,
): Promise<Brought | {readonly because: string}> {
  const {packages, scratch, signal, limits} = place;
  if ((await stat(path)).isDirectory()) {
    if (await isBuilt(path)) return {archive: await openArchive(path, {signal})};
    return packages ? openPackage(path, place.app) : {because: NOT_BUILT};
  }
  try {
    return {archive: await openArchive(path, {signal})};
  } catch (error) {
    if (!isFault(error) || error.code !== 'ARCHIVE_NOT_BUILT') throw error;
    if (!packages) return {because: NOT_BUILT};
  }
  const tree = join(scratch, 'package');
  await unpackTarball(path, tree, {signal, limits});
  return openPackage(tree, place.app);
}

async function openPackage(path: string, app: string): Promise<Brought | {readonly because: string}> {
  const file = join(path, 'package.json');
  const size = await stat(file).then(
    (stats) => stats.size,
    () => undefined,
  );
  if (size === undefined) return {because: 'There is no package.json at its root: this is no Node app.'};
  if (size > PACKAGE_JSON_BYTES) return {because: `package.json has more than ${PACKAGE_JSON_BYTES} bytes.`};
  try {
    const said = JSON.parse(await readFile(file, 'utf8')) as unknown;
    if (typeof said !== 'object' || said === null) throw new SyntaxError('it is no object');
    const {name, version} = said as {name?: unknown; version?: unknown};
    return {
      package: {
        kind: 'package',
        path,
        name: typeof name === 'string' ? name : app,
        version: typeof version === 'string' ? version : '0.0.0',
      },
    };
  } catch (error) {
    return {because: `package.json cannot be read: ${(error as Error).message}`};
  }
}

const NOT_BUILT = `This is no built archive: it has no keelson.json.
Build it and publish what was built:
    keelson build . --out app.tgz && keelson publish app.tgz URL-OF-THIS-REPOSITORY`;
