import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {StepOptions} from '@keelson/step';
import type {Archive} from './archive.ts';

/** Longer files are left out. */
const FILE_BYTES = 1024 * 1024;

/** The texts of some files of an archive, by path; a tarball is read through for them. Faults: those of verifyArchive. */
export async function readFiles(
  {path: where, form}: Archive,
  paths: ReadonlySet<string>,
  {signal}: StepOptions,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  if (paths.size === 0) return texts;
  if (form === 'directory') {
    for (const path of paths) texts.set(path, readFileSync(join(where, path), 'utf8'));
    return texts;
  }
  const {readTarball} = await import('./read-tarball.ts');
  let wanted: string | undefined;
  let chunks: Buffer[] = [];
  await readTarball(
    where,
    {
      entry({kind, name, size}) {
        const path = name.slice(name.indexOf('/') + 1);
        wanted = kind === 'file' && size <= FILE_BYTES && paths.has(path) ? path : undefined;
        chunks = [];
      },
      bytes: (chunk) => void (wanted !== undefined && chunks.push(Buffer.from(chunk))),
      complete: () =>
        void (wanted !== undefined && texts.set(wanted, Buffer.concat(chunks).toString('utf8'))),
    },
    {signal},
  );
  return texts;
}
