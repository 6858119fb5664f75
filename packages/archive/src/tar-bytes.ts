import {closeSync} from 'node:fs';
import {join} from 'node:path';
import {pack, type Header, type Pack} from 'tar-stream';

import {createBreath} from './breathe.ts';
import {openFile, PIECE, readPiece} from './hash-file.ts';
import {changed, stampOf, type ScannedFile, type ScannedTree} from './scan-tree.ts';

/** The folder that every entry lies in, as in npm's tarballs: npm and pnpm can install an archive. */
const TOP_FOLDER = 'package';

export interface TarContents {
  readonly root: string;
  readonly tree: ScannedTree;
  /** Comes first. */
  readonly first: {readonly name: string; readonly text: string};
  /** Of every entry, in seconds since 1970. */
  readonly modifiedAt: number;
  readonly signal?: AbortSignal | undefined;
}

type Named = Partial<Header> & {readonly name: string};
type Sink = ReturnType<Pack['entry']>;

/** The tar of a tree: the same bytes for the same tree, whatever its times, owners, modes beyond `x`, and order on disk. */
export async function* tarBytes(contents: TarContents): AsyncGenerator<Uint8Array> {
  const tar = pack();
  // Whatever goes wrong while feeding comes out of the loop below.
  const fed = feed(tar, contents).catch((error: unknown) => tar.destroy(error as Error));
  try {
    for await (const chunk of tar as AsyncIterable<Uint8Array>) yield chunk;
  } finally {
    tar.destroy();
    await fed;
  }
}

async function feed(tar: Pack, {root, tree, first, modifiedAt, signal}: TarContents): Promise<void> {
  const breathe = createBreath(signal);
  const same = {uid: 0, gid: 0, mtime: new Date(modifiedAt * 1000)};
  const add = (header: Named, bytes: Uint8Array | undefined) =>
    new Promise<void>((resolve, reject) => {
      const named = {...header, ...same, name: `${TOP_FOLDER}/${header.name}`};
      const done = (error?: Error | null) => (error ? reject(error) : resolve());
      if (bytes === undefined) tar.entry(named, done);
      else tar.entry(named, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), done);
    });

  await add({name: first.name, type: 'file', mode: 0o644}, Buffer.from(first.text));
  for (const folder of tree.folders)
    await add({name: `${folder}/`, type: 'directory', mode: 0o755}, undefined);
  for (const entry of tree.entries) {
    if (entry.mode === 'link')
      await add({name: entry.path, type: 'symlink', mode: 0o777, linkname: entry.target}, undefined);
    else await addFile(entry);
    await breathe();
  }
  tar.finalize();

  async function addFile(entry: ScannedFile): Promise<void> {
    const file = openFile(join(root, entry.path));
    if (file === undefined) throw changed(root, entry.path);
    try {
      if (stampOf(file.stats) !== entry.stamp) throw changed(root, entry.path);
      const header = {name: entry.path, type: 'file', mode: Number.parseInt(entry.mode, 8)} as const;
      if (entry.size <= PIECE) {
        const bytes = readPiece(file.descriptor, Buffer.allocUnsafe(entry.size));
        if (bytes.length !== entry.size) throw changed(root, entry.path);
        await add(header, bytes);
      } else await addPieces(header, file.descriptor, entry);
    } finally {
      closeSync(file.descriptor);
    }
  }

  async function addPieces(header: Named, descriptor: number, {path, size}: ScannedFile): Promise<void> {
    const named = {...header, ...same, size, name: `${TOP_FOLDER}/${header.name}`};
    let done!: (error?: Error | null) => void;
    const added = new Promise<void>((resolve, reject) => {
      done = (error) => (error ? reject(error) : resolve());
    });
    added.catch(() => {});
    const sink = tar.entry(named, done);
    for (let left = size; left > 0;) {
      const bytes = readPiece(descriptor, Buffer.allocUnsafe(Math.min(PIECE, left)));
      if (bytes.length === 0) throw changed(root, path);
      left -= bytes.length;
      // Nobody wants the rest: `added` says so, and no event would.
      if (sink.destroying) break;
      if (!sink.write(bytes)) await drained(sink);
      await breathe();
    }
    if (!sink.destroying) sink.end(null);
    await added;
  }
}

function drained(sink: Sink): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.once('drain', () => resolve());
    sink.once('error', reject);
    sink.once('close', () => resolve());
  });
}
