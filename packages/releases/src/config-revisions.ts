import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {writeAtomic} from '@keelson/atomic-fs';
import {ReleaseFault} from './fault.ts';
import {systemUser} from './journal.ts';
import {namesIn, numbersOf, type Layout} from './layout.ts';
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
  /** What the next deploy binds: the one that was chosen last, else the newest. */
  current(): Promise<ConfigRevision>;
  /** A revision that a release is pinned to. Fault RELEASE_MISSING. */
  read(number: number): Promise<ConfigRevision>;
  /** Their numbers, ascending, without 0. */
  numbers(): Promise<number[]>;
  /** Writes the next one, which nothing binds before it is chosen. */
  propose(text: string, facts?: Omit<ConfigFacts, 'at'>): Promise<ConfigRevision>;
  /** From now on the next deploy binds this one. */
  choose(number: number): Promise<void>;
  /** `propose` and `choose`. */
  add(text: string, facts?: Omit<ConfigFacts, 'at'>): Promise<ConfigRevision>;
}

/** The revisions of a deploy root. They are never changed nor removed, so a number always means the same values. */
export function configRevisions(
  layout: Layout,
  onAdded: (revision: ConfigRevision) => Promise<unknown>,
): ConfigRevisions {
  const {config: dir, configNumber} = layout;
  const numbers = () => configNumbers(dir);
  const choose = (number: number) => chooseConfig(configNumber, number);
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
  const propose: ConfigRevisions['propose'] = async (text, {by = systemUser(), ...facts} = {}) => {
    const number = ((await numbers()).at(-1) ?? 0) + 1;
    const known = {at: new Date().toISOString(), by, ...facts};
    const added = revision(number, text, known);
    // A revision is there when its values are.
    await writeAtomic(factsOf(number), `${JSON.stringify(known, null, 2)}\n`, {mode: 0o600});
    await writeAtomic(added.path, text, {mode: 0o600});
    await onAdded(added);
    return added;
  };
  return {
    read,
    numbers,
    current: async () => read(await nextConfig(layout)),
    propose,
    choose,
    async add(text, facts) {
      const added = await propose(text, facts);
      await choose(added.number);
      return added;
    },
  };
}

/** The number of the revision that the next deploy binds; 0: none. */
export async function nextConfig({config, configNumber}: Layout): Promise<number> {
  return (await chosenConfig(configNumber)) ?? (await configNumbers(config)).at(-1) ?? 0;
}

async function configNumbers(dir: string): Promise<number[]> {
  return numbersOf(await namesIn(dir), '.env');
}

/** The number of the revision that was chosen; undefined: none yet. */
export async function chosenConfig(configNumber: string): Promise<number | undefined> {
  const text = (await readIfThere(configNumber))?.trim() ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export async function chooseConfig(configNumber: string, number: number): Promise<void> {
  await writeAtomic(configNumber, `${number}\n`, {mode: 0o600});
}
