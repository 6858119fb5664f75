import {createHash} from 'node:crypto';
import {createReadStream, watch, type FSWatcher} from 'node:fs';
import {lstat, open, readdir, rename, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {makeDirectory, temporaryDirectory} from '@keelson/atomic-fs';
import type {Reply, Verdict} from '../accept.ts';
import {enlist} from '../desk.ts';
import {appsOf, type Site} from '../handle-request.ts';
import {judge} from '../judge.ts';
import {tooLarge} from '../limits.ts';
import {plainLines} from '../plain-lines.ts';
import {appOfFile} from './app-of-file.ts';

/** A file that was copied here, and not moved, is whole when it has not changed for so long. */
const SETTLE_MS = 1000;
/** Whatever the file system does not tell (NFS, overlay) is found so often. */
const SCAN_MS = 5000;
const ACCEPTED = 'accepted';
const REFUSED = 'refused';

/**
 * Receives tarballs that are moved or copied into a folder. Each ends in `accepted/` or `refused/`, under its name and the time, with what
 * was said beside it as `NAME.log`. Files that were there before are received, too.
 */
export async function watchFolder(folder: string, site: Site): Promise<AsyncDisposable> {
  for (const name of ['', ACCEPTED, REFUSED]) await makeDirectory(join(folder, name));
  const closing = new AbortController();
  const busy = new Set<string>();
  const watchers = new Map<string, FSWatcher>();
  const take = async (path: string) => {
    if (busy.has(path)) return;
    busy.add(path);
    try {
      await receiveFile(folder, path, {site, closing: closing.signal});
    } catch (error) {
      if (!closing.signal.aborted)
        site.desk.onEvent({type: 'receiver:failed', path: join(folder, path), because: String(error)});
    } finally {
      busy.delete(path);
    }
  };
  const scan = async () => {
    for (const path of await tarballsIn(folder, (name) => look(name))) void take(path);
  };
  const look = (name: string) => {
    if (watchers.has(name)) return;
    const watcher = watch(join(folder, name), () => void scan().catch(() => undefined));
    watcher.on('error', () => {
      watcher.close();
      watchers.delete(name);
    });
    watchers.set(name, watcher);
  };
  look('');
  await scan();
  const timer = setInterval(() => void scan().catch(() => undefined), SCAN_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      for (const watcher of watchers.values()) watcher.close();
      closing.abort(new DOMException('the receiver closes', 'AbortError'));
    },
  };
}

/** Relative to the folder: those in it, and those one folder down. */
async function tarballsIn(folder: string, onFolder: (name: string) => void): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, {withFileTypes: true})) {
    if (entry.isFile()) found.push(entry.name);
    if (
      !entry.isDirectory() ||
      entry.name === ACCEPTED ||
      entry.name === REFUSED ||
      entry.name.startsWith('.')
    )
      continue;
    onFolder(entry.name);
    const inside = await readdir(join(folder, entry.name), {withFileTypes: true});
    found.push(...inside.filter((file) => file.isFile()).map((file) => `${entry.name}/${file.name}`));
  }
  return found.filter((path) => appOfFile(path) !== undefined);
}

async function receiveFile(
  folder: string,
  path: string,
  {site, closing}: {readonly site: Site; readonly closing: AbortSignal},
): Promise<void> {
  const file = join(folder, path);
  if (!(await settled(file, closing))) return;
  const lines: string[] = [];
  const given = new AbortController();
  const abort = (reason: unknown) => given.abort(reason);
  closing.addEventListener('abort', () => abort(closing.reason), {once: true});
  const reply = {line: (text: string) => void lines.push(...plainLines(text)), signal: given.signal};
  const work = judgeFile(file, appOfFile(path)!, {site, reply});
  const done = work.then(
    () => {},
    () => {},
  );
  enlist(site.desk.running, {
    done,
    abort,
    stop: async () => abort(new DOMException('the receiver closes', 'AbortError')),
  });
  const verdict = await work;
  // What changed meanwhile, or was given up, is looked at again.
  if (verdict === undefined || (given.signal.aborted && !verdict.accepted)) return;
  const kept = join(folder, verdict.accepted ? ACCEPTED : REFUSED, `${stamp()}-${basename(path)}`);
  if (!verdict.accepted) lines.push(...plainLines(verdict.because));
  await writeFile(`${kept}.log`, `${lines.join('\n')}\n`);
  await rename(file, kept);
}

/** Judges a copy: nobody writes to that, and `accept` may move it. Undefined: the file changed meanwhile. */
async function judgeFile(
  path: string,
  app: string,
  {site, reply}: {readonly site: Site; readonly reply: Reply},
): Promise<Verdict | undefined> {
  const {desk} = site;
  const refuse = (because: string): Verdict => {
    desk.onEvent({type: 'receiver:refused', app, revision: '', because});
    return {accepted: false, because};
  };
  if (appsOf({kind: 'put', name: app}, site) === undefined)
    return refuse(`There is no app ${JSON.stringify(app)} here.`);
  const {bodyBytes} = desk.limitsOf(app);
  const before = await lstat(path);
  if (before.size > bodyBytes) return refuse(tooLarge(bodyBytes).because);
  const {incoming} = await desk.folderOf(app);
  await using scratch = await temporaryDirectory({prefix: 'dropped-', parent: incoming});
  const copy = join(scratch.path, basename(path));
  const revision = await copyFile(path, copy);
  const after = await lstat(path);
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs || after.ino !== before.ino)
    return undefined;
  return await judge({app, path: copy, revision, protocol: 'folder'}, desk, reply);
}

/** Resolves with `sha256-HEX` of what was copied. */
async function copyFile(from: string, to: string): Promise<string> {
  const hash = createHash('sha256');
  await using file = await open(to, 'wx', 0o600);
  for await (const chunk of createReadStream(from) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    await file.write(chunk);
  }
  return `sha256-${hash.digest('hex')}`;
}

/** Whether a file is still there when it has stopped to change. */
async function settled(path: string, signal: AbortSignal): Promise<boolean> {
  for (let before = ''; ;) {
    const stats = await lstat(path).catch(() => undefined);
    if (stats?.isFile() !== true) return false;
    const now = `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
    if (now === before || stats.mtimeMs < Date.now() - 60 * SETTLE_MS) return true;
    before = now;
    await delay(SETTLE_MS, undefined, {signal});
  }
}

function stamp(): string {
  return new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
}
