import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {writeAtomic} from '@keelson/atomic-fs';
import {ReleaseFault} from './fault.ts';
import {namesIn, numbersOf} from './layout.ts';

/** Values bound at deploy time, as the text of an env file. Secret: never print it. */
export interface ConfigRevision {
  readonly kind: 'config-revision';
  /** Counted from 1; 0 is the empty revision of an app that was never configured, which has no file. */
  readonly number: number;
  /** Absolute; 0600. */
  readonly path: string;
  readonly text: string;
}

export interface ConfigRevisions {
  /** The newest: what the next deploy binds. */
  current(): Promise<ConfigRevision>;
  /** A revision that a release is pinned to. Fault RELEASE_MISSING. */
  read(number: number): Promise<ConfigRevision>;
  /** Writes the next one. */
  add(text: string): Promise<ConfigRevision>;
}

/** The revisions in `dir`. They are never changed nor removed, so a number always means the same values. */
export function configRevisions(dir: string, onAdded: (number: number) => Promise<unknown>): ConfigRevisions {
  const newest = async () => numbersOf(await namesIn(dir), '.env').at(-1) ?? 0;
  const revision = (number: number, text: string): ConfigRevision => ({
    kind: 'config-revision',
    number,
    path: join(dir, `${number}.env`),
    text,
  });
  const read = async (number: number) => {
    if (number === 0) return revision(0, '');
    try {
      return revision(number, await readFile(join(dir, `${number}.env`), 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new ReleaseFault('RELEASE_MISSING', `config revision ${number} is not in ${dir}`);
    }
  };
  return {
    read,
    current: async () => read(await newest()),
    async add(text) {
      const added = revision((await newest()) + 1, text);
      await writeAtomic(added.path, text, {mode: 0o600});
      await onAdded(added.number);
      return added;
    },
  };
}
