import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {writeAtomic} from '@keelson/atomic-fs';
import type {LocalEntry} from '../list-tree.ts';

// A file that changed this shortly before it was read may change again within the same tick of its clock (git's "racy" entries).
const RACY_MS = 2000;
const MODES: readonly LocalEntry['mode'][] = ['644', '755', 'link'];
const FACTS = 5;
const FACT_BYTES = 8;
const ID_BYTES = 20;

/** What was known of a folder's files the last time: of each its path, FACTS numbers and the bytes of its hash. */
interface Known {
  readonly paths: readonly string[];
  readonly facts: Float64Array;
  readonly ids: Buffer;
}

/** Which file of a folder had which hash, by what lstat says of it: size, times, inode, mode. */
export class Stamps {
  readonly #path: string;
  readonly #began = Date.now();
  readonly #before: Known;
  #next = 0;
  #places: Map<string, number> | undefined;
  readonly #paths: string[] = [];
  readonly #facts: number[] = [];
  readonly #ids: string[] = [];

  constructor(gitDir: string, root: string) {
    const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
    this.#path = join(gitDir, 'keelson', `stamps-${name}`);
    this.#before = read(this.#path);
  }

  /** The hash of a file that is as it was. */
  idOf(entry: LocalEntry): string | undefined {
    const at = this.#placeOf(entry.path);
    if (at === undefined) return undefined;
    const {facts, ids} = this.#before;
    const same = factsOf(entry).every((fact, index) => fact === facts[at * FACTS + index]);
    return same ? ids.toString('hex', at * ID_BYTES, (at + 1) * ID_BYTES) : undefined;
  }

  add(entry: LocalEntry, id: string): void {
    if (Math.max(entry.times[0], entry.times[1]) >= this.#began - RACY_MS) return;
    this.#paths.push(entry.path);
    this.#facts.push(...factsOf(entry));
    this.#ids.push(id);
  }

  /** For the next time; a repository that cannot be written to does without. */
  async save(): Promise<void> {
    const parts = [
      Buffer.from(headOf(this.#paths.length)),
      Buffer.from(Float64Array.from(this.#facts).buffer),
      Buffer.from(this.#ids.join(''), 'hex'),
      Buffer.from(this.#paths.join('\0')),
    ];
    try {
      mkdirSync(dirname(this.#path), {recursive: true});
      await writeAtomic(this.#path, Buffer.concat(parts));
    } catch {
      // only time is lost
    }
  }

  /** Files are asked for in the order in which they were added: mostly it is the next one. */
  #placeOf(path: string): number | undefined {
    const {paths} = this.#before;
    if (paths[this.#next] !== path) {
      this.#places ??= new Map(paths.map((one, at) => [one, at]));
      const found = this.#places.get(path);
      if (found === undefined) return undefined;
      this.#next = found;
    }
    return this.#next++;
  }
}

function factsOf({mode, size, times}: LocalEntry): number[] {
  return [MODES.indexOf(mode), size, ...times];
}

function headOf(count: number): string {
  return `keelson stamps 2 ${count}\n`;
}

/** Nothing where there is no such file, or one of another version. */
function read(path: string): Known {
  try {
    const bytes = readFileSync(path);
    const head = bytes.toString('latin1', 0, bytes.indexOf('\n') + 1);
    const count = Number(head.split(' ').at(-1));
    const facts = head.length + count * FACTS * FACT_BYTES;
    const ids = facts + count * ID_BYTES;
    const paths = bytes.toString('utf8', ids).split('\0');
    if (head === headOf(count) && paths.length === count)
      return {
        paths,
        facts: new Float64Array(new Uint8Array(bytes.subarray(head.length, facts)).buffer),
        ids: bytes.subarray(facts, ids),
      };
  } catch {
    // as if there were none
  }
  return {paths: [], facts: new Float64Array(), ids: Buffer.alloc(0)};
}
