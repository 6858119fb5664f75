import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {writeAtomic} from '@keelson/atomic-fs';
import {ReleaseFault} from './fault.ts';
import {systemUser} from './journal.ts';
import {namesIn, numbersOf} from './layout.ts';
import {readIfThere} from './release-store.ts';

/** Where the values of a revision come from. */
export interface ConfigFacts {
  /** ISO 8601. For people: order is decided by numbers. */
  readonly at?: string | undefined;
  /** Name of the system user, or what the caller says. */
  readonly by?: string | undefined;
  /** What the whole was read from, e.g. `git+https://…#main:shop.env`, without credentials. */
  readonly reader?: string | undefined;
  /** For each name, where its value comes from. */
  readonly origin?: Readonly<Record<string, string>> | undefined;
}

/** Values bound at deploy time, as the text of an env file. Secret: never print it. */
export interface ConfigRevision extends ConfigFacts {
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
  /** Their numbers, ascending, without 0. */
  numbers(): Promise<number[]>;
  /** Writes the next one. */
  add(text: string, facts?: Omit<ConfigFacts, 'at'>): Promise<ConfigRevision>;
}

/** The revisions in `dir`. They are never changed nor removed, so a number always means the same values. */
export function configRevisions(
  dir: string,
  onAdded: (revision: ConfigRevision) => Promise<unknown>,
): ConfigRevisions {
  const numbers = async () => numbersOf(await namesIn(dir), '.env');
  const newest = async () => (await numbers()).at(-1) ?? 0;
  const revision = (number: number, text: string, facts: ConfigFacts): ConfigRevision => ({
    kind: 'config-revision',
    number,
    path: join(dir, `${number}.env`),
    text,
    ...facts,
  });
  const factsOf = (number: number) => join(dir, `${number}.json`);
  const read = async (number: number) => {
    if (number === 0) return revision(0, '', {});
    try {
      const text = await readFile(join(dir, `${number}.env`), 'utf8');
      const facts = JSON.parse((await readIfThere(factsOf(number))) ?? '{}') as ConfigFacts;
      return revision(number, text, facts);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new ReleaseFault('RELEASE_MISSING', `config revision ${number} is not in ${dir}`, {
        hint: `Revisions there: ${(await numbers()).join(', ') || 'none'}.`,
      });
    }
  };
  return {
    read,
    numbers,
    current: async () => read(await newest()),
    async add(text, {by = systemUser(), ...facts} = {}) {
      const number = (await newest()) + 1;
      const known = {at: new Date().toISOString(), by, ...facts};
      const added = revision(number, text, known);
      // A revision is there when its values are.
      await writeAtomic(factsOf(number), `${JSON.stringify(known, null, 2)}\n`, {mode: 0o600});
      await writeAtomic(added.path, text, {mode: 0o600});
      await onAdded(added);
      return added;
    },
  };
}
