import {refuseSink} from './refuse-sink.ts';
import {count, duration, fileMode, flag, size, type Settings} from './setting.ts';

export interface FileSettings {
  /** Rotate before the file has more bytes. A longer line gets a file of its own. Default: never. */
  readonly size?: number | undefined;
  /** Rotate at the first line after each multiple of so many milliseconds since 1970, UTC. Default: never. */
  readonly every?: number | undefined;
  /** How many rotated files stay. Default 10. */
  readonly keep?: number | undefined;
  /** How many bytes the rotated files may have together. Default: any. */
  readonly max?: number | undefined;
  /** Compress rotated files. Default false. */
  readonly gzip?: boolean | undefined;
  /** Of new files. Default 0600. */
  readonly mode?: number | undefined;
}

export interface FileSpec extends FileSettings {
  readonly kind: 'file';
  readonly path: string;
}

export const fileSettings: Settings<FileSettings> = {
  size,
  every: duration,
  keep: count,
  max: size,
  gzip: flag,
  mode: fileMode,
};

/** Refuses what says nothing alone. */
export function checkFileSpec(spec: FileSpec): void {
  if (spec.size !== undefined || spec.every !== undefined) return;
  for (const key of ['keep', 'max', 'gzip'] as const)
    if (spec[key] !== undefined)
      refuseSink(`file: ${key} is about rotated files, and nothing rotates`, 'Add size= or every=.');
}
