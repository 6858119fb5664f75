import {ArchiveFault} from './fault.ts';

interface Stats {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** Differs when the file is another or was written since: ctime, too, because a time can be put back. */
export function stampOf({ino, size, mtimeNs, ctimeNs}: Stats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

export function changed(root: string, path: string): ArchiveFault {
  return new ArchiveFault('ARCHIVE_CHANGED', `${JSON.stringify(path)} in ${root} changed while it was read`, {
    hint: 'Something still writes to that folder; build again when it has ended.',
    temporary: true,
  });
}
