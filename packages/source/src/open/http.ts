import {join} from 'node:path';
import {temporaryDirectory} from '@keelson/atomic-fs';
import type {Revision} from '../checkout.ts';
import {download, type DownloadOptions} from '../http/download.ts';
import type {HttpSource} from '../parse-source.ts';
import {openTarball} from './tarball.ts';

/** Downloads a tarball beside `dir`, verifies its digest where one is pinned, and unpacks it. */
export async function openHttp(
  source: HttpSource,
  dir: string,
  {
    http,
    ...options
  }: DownloadOptions & {readonly http?: Pick<DownloadOptions, 'token' | 'maxBytes'> | undefined},
): Promise<Revision> {
  await using folder = await temporaryDirectory({prefix: 'keelson-download-', parent: join(dir, '..')});
  const path = join(folder.path, 'package.tar');
  await download(source, path, {...options, ...http});
  return await openTarball({path}, dir, options);
}
