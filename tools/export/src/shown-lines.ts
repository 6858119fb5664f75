import type {AppExport} from './export-app.ts';

/** What was done, for people: a line a file and a command; of what would be done, with what changes in the files. */
export async function shownLines(done: AppExport): Promise<string[]> {
  const {applied, changes, commands, diff, kept, unchanging} = done;
  const {planLines} = await import('@keelson/exporter');
  if (unchanging && done.unchanged === 0)
    return [`nothing to do: there is no ${done.format} file of ${done.app}`];
  if (unchanging) return planLines(done);
  const keeping = kept.map((path) => `keep ${path} (it no longer carries our marker)`);
  const told = commands.map((command) => `run ${command.map(shown).join(' ')}`);
  const unfinished = changes.length === 0 ? ['no file changes, only what goes with them'] : [];
  if (applied) return [...(changes.length > 0 ? planLines(done) : unfinished), ...keeping, ...told];
  return [...diff.split('\n').slice(0, -1), ...unfinished, ...keeping, ...told];
}

/** As a shell would take it. */
function shown(word: string): string {
  return /^[\w@%+=:,./*-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
