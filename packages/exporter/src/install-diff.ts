import {resolve} from 'node:path';

import type {InstallChange, InstalledFile, InstallPlan} from './plan-install.ts';
import type {UnitFile} from './render-units.ts';
import {unifiedDiff} from './unified-diff.ts';

const octal = (mode: number) => mode.toString(8).padStart(3, '0');

/** What others may not read is not shown either, only which lines' number changes. */
function secretDiff(diff: string): string {
  const count = (sign: string) =>
    diff.split('\n').filter((line) => line.startsWith(sign) && !line.startsWith(`${sign}# managed-by`))
      .length;
  return `(secret: ${count('+')} lines added, ${count('-')} removed)\n`;
}

function changeDiff(
  {op, path, because, mode}: InstallChange,
  {
    root,
    there,
    wanted,
  }: {readonly root: string; readonly there: InstalledFile | undefined; readonly wanted: string},
): string {
  const absolute = resolve(root, path);
  const title = `${op} ${path} (${because})\n`;
  const modes =
    there && op === 'write' && there.mode !== mode ? `mode ${octal(there.mode)} to ${octal(mode)}\n` : '';
  const [from, to] = [there ? absolute : '/dev/null', op === 'write' ? absolute : '/dev/null'];
  const diff = unifiedDiff(there?.content ?? '', wanted);
  const secret = [there?.mode ?? mode, mode].some((one) => (one & 0o044) === 0);
  if (diff === '') return title + modes;
  return title + modes + (secret ? secretDiff(diff) : `--- ${from}\n+++ ${to}\n${diff}`);
}

/** What a plan changes as a unified diff that patch(1) takes. Of files that only their owner may read, how many lines change. */
export function installDiff(
  {root, changes}: Pick<InstallPlan, 'root' | 'changes'>,
  files: readonly UnitFile[],
  existing: readonly InstalledFile[],
): string {
  const before = new Map(existing.map((file) => [file.path, file]));
  const after = new Map(files.map((file) => [file.path, file.content]));
  return changes
    .map((change) => {
      const wanted = change.op === 'write' ? (after.get(change.path) ?? '') : '';
      return changeDiff(change, {root, there: before.get(change.path), wanted});
    })
    .join('');
}
