import {createReadStream, createWriteStream, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {createGzip} from 'node:zlib';
import type {StepOptions} from '@keelson/step';
import {pack as createPack, type Pack} from 'tar-stream';
import {treeEntries, type TreeEntry} from './tree-entries.ts';

// npm's time of all files (npm/npm#20027): the same tree gives the same bytes.
const TIME = new Date('1985-10-26T08:15:00.000Z');
const AT_ONCE = 1024 * 1024;

/** Packs a folder as npm would, below `package/`; `keelson.json` first, where there is one, as a reader of archives expects it. */
export async function packTree(dir: string, to: string, {signal}: StepOptions): Promise<void> {
  const entries = treeEntries(dir);
  const first = entries.filter(({path}) => path === 'keelson.json');
  const rest = entries.filter(({path}) => path !== 'keelson.json');
  const pack = createPack();
  const written = pipeline(pack, createGzip(), createWriteStream(to, {flags: 'wx'}), {signal});
  written.catch(() => {}); // awaited below
  for (const entry of [...first, ...rest]) {
    signal?.throwIfAborted();
    await add(pack, dir, entry);
  }
  pack.finalize();
  await written;
}

function add(pack: Pack, dir: string, entry: TreeEntry): Promise<void> {
  const facts = {name: `package/${entry.path}`, mtime: TIME, uid: 0, gid: 0, uname: '', gname: ''};
  const path = join(dir, entry.path);
  return new Promise((resolve, reject) => {
    // Called when the entry is through: so no more is held than one file, or a piece of a large one.
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    if (entry.mode === 'link') {
      pack.entry({...facts, type: 'symlink', linkname: entry.target, mode: 0o777, size: 0}, done);
      return;
    }
    const mode = entry.mode === '755' ? 0o755 : 0o644;
    const body = pack.entry({...facts, mode, size: entry.size}, done);
    if (entry.size > AT_ONCE) createReadStream(path).on('error', reject).pipe(body);
    else body.end(readFileSync(path));
  });
}
