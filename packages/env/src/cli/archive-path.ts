import {UsageError} from '@keelson/cli-kit';

import type {EnvType} from '../value-type.ts';

/** The path of an ARCHIVE argument, or of the JSON value of an archive on stdin. */
export function archivePath(argument: string, value: unknown): string {
  const path = typeof value === 'object' ? (value as {readonly path?: unknown} | null)?.path : value;
  if (typeof path === 'string' && (argument === '-' || /[./]/.test(argument))) return path;
  throw new UsageError(
    argument === '-' ? 'the value on stdin is no archive' : `${JSON.stringify(argument)} is no archive`,
    'Name it with its folder: ./shop-1.2.0.tgz',
  );
}

/** What the app in an archive, or in a folder, asks for. */
export async function requiredByApp(
  archive: string | undefined,
  dir: string | undefined,
  signal: AbortSignal,
): Promise<Readonly<Record<string, EnvType>>> {
  if (archive !== undefined) {
    const {archiveRequired} = await import('../archive-required.ts');
    return archiveRequired(archive, {signal});
  }
  const {appRequired} = await import('../app-required.ts');
  return appRequired(dir ?? '.', {optional: dir === undefined, signal});
}
