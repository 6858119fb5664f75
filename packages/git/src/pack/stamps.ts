import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {writeAtomic} from '@keelson/atomic-fs';
import type {LocalEntry} from '../list-tree.ts';

// A file that changed this shortly before it was read may change again within the same tick of its clock (git's "racy" entries).
const RACY_MS = 2000;

/** Which file of a folder had which hash, by what lstat says of it: size, times, inode, mode. */
export class Stamps {
  readonly #path: string;
  readonly #began = Date.now();
  readonly #before: ReadonlyMap<string, string>;
  readonly #now: string[] = [];

  constructor(gitDir: string, root: string) {
    const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
    this.#path = join(gitDir, 'keelson', `stamps-${name}`);
    this.#before = read(this.#path);
  }

  /** The hash of a file that is as it was. */
  idOf(entry: LocalEntry): string | undefined {
    return this.#before.get(keyOf(entry));
  }

  add(entry: LocalEntry, id: string): void {
    if (Math.max(entry.times[0], entry.times[1]) < this.#began - RACY_MS)
      this.#now.push(`${id} ${keyOf(entry)}`);
  }

  /** For the next time; a repository that cannot be written to does without. */
  async save(): Promise<void> {
    try {
      mkdirSync(dirname(this.#path), {recursive: true});
      await writeAtomic(this.#path, this.#now.join('\0'));
    } catch {
      // only time is lost
    }
  }
}

function keyOf({path, mode, size, times}: LocalEntry): string {
  return `${mode} ${size} ${times.join(' ')} ${path}`;
}

function read(path: string): ReadonlyMap<string, string> {
  try {
    const records = readFileSync(path, 'utf8').split('\0');
    return new Map(records.map((record) => [record.slice(41), record.slice(0, 40)]));
  } catch {
    return new Map();
  }
}
