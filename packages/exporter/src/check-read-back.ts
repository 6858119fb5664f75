import {ExportFault} from './fault.ts';
import type {PlannedProcess} from './planned-processes.ts';

/** What a manager will start, read out of the files that it will read. */
export interface ReadProcess {
  /** File that starts it. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
  readonly cwd: string | undefined;
  readonly user: string | undefined;
  readonly group: string | undefined;
}

function sameEnv(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): string | undefined {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].find((name) => a[name] !== b[name]);
}

function difference(planned: PlannedProcess, read: ReadProcess): string | undefined {
  const name = sameEnv({PATH: planned.defaultPath, ...planned.env}, read.env);
  if (name !== undefined) return `variable ${name}`;
  // env(1) in front of a program changes nothing but who looks for it.
  const argv = read.argv.length > planned.argv.length ? read.argv.slice(1) : read.argv;
  if (JSON.stringify(argv) !== JSON.stringify(planned.argv)) return 'the command';
  return (['cwd', 'user', 'group'] as const).find((field) => read[field] !== planned[field]);
}

/**
 * Compares what was planned with what the files say. Values stay out of the message: they may be secret.
 * Faults: EXPORT_MISMATCH.
 */
export function checkReadBack(planned: readonly PlannedProcess[], read: readonly ReadProcess[]): void {
  if (planned.length !== read.length) {
    throw new ExportFault('EXPORT_MISMATCH', `${planned.length} processes became ${read.length} services`);
  }
  for (const [index, process] of planned.entries()) {
    const found = read[index]!;
    const differs = difference(process, found);
    if (differs === undefined) continue;
    throw new ExportFault(
      'EXPORT_MISMATCH',
      `${found.file}: ${differs} of ${process.name} would not arrive as it is`,
      {
        hint: 'Nothing was written. A template of your own says something else than the built-in one; without one it is a bug of the exporter: please report the kind of value.',
      },
    );
  }
}
