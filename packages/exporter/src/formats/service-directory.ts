import {join} from 'node:path/posix';

import type {ReadProcess} from '../check-read-back.ts';
import type {Dropper} from '../launcher/drop.ts';
import {readLauncher} from '../launcher/read.ts';
import type {UnitFile} from '../render-units.ts';
import type {Installed, Manager} from './unit-format.ts';

/** The processes that `run` scripts of service directories start: `shop-web-1/run`. */
export function readRunScripts(files: readonly UnitFile[], dropper: Dropper): ReadProcess[] {
  return files
    .filter(({path}) => /^[^/]+\/run$/.test(path))
    .map(({path, content}) => readLauncher(path, content, dropper));
}

function directoriesOf({files}: Installed): string[] {
  return [...new Set(files.filter((file) => /^[^/]+\/run$/.test(file)).map((file) => file.split('/')[0]!))];
}

/**
 * A manager that starts whatever is linked into the directory that it scans.
 * @param inImages where else links may belong in a tree that is not booted, asked first; undefined: the directory is only made by a boot
 */
export function scanned(
  scan: string,
  inImages: readonly string[] | undefined,
  stop: (link: string) => ReturnType<Manager['disable']>,
): Manager {
  return {
    enable: (installed) =>
      directoriesOf(installed).map((name) => ({
        run: ['ln', '-sfn', join(installed.directory, name), join(scan, name)],
        undo: ['rm', '-f', join(scan, name)],
      })),
    disable: (installed) => directoriesOf(installed).flatMap((name) => stop(join(scan, name))),
    ...(inImages && {
      inImage: {
        into: () => [...inImages, scan],
        links: (installed) =>
          Object.fromEntries(directoriesOf(installed).map((name) => [name, join(installed.directory, name)])),
      },
    }),
    leftovers: (installed) =>
      directoriesOf(installed).flatMap((name) =>
        ['supervise', 'event', 'log/supervise', 'log/event'].map((made) => join(name, made)),
      ),
  };
}
