import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {removeTree} from '@keelson/atomic-fs';

/** What the receiver keeps of an app. */
export interface AppFolder {
  /** `<root>/<app>/.keelson` */
  readonly path: string;
  /** Holds what is being judged: on the file system that it may be moved within. */
  readonly incoming: string;
  /** Holds uploads that were broken off. */
  readonly uploads: string;
}

/** The folders below a root, each made when it is first asked for. The caller holds the lock of the root. */
export function appFolders(root: string): (app: string) => Promise<AppFolder> {
  return once((app) => open(folderPath(root, app)));
}

export function folderPath(root: string, app: string): string {
  return join(root, app, '.keelson');
}

/** Asks once for each key; again after a failure. */
export function once<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const asked = new Map<string, Promise<T>>();
  return (key) => {
    const known = asked.get(key);
    if (known !== undefined) return known;
    const asking = ask(key);
    asked.set(key, asking);
    asking.catch(() => asked.delete(key));
    return asking;
  };
}

async function open(path: string): Promise<AppFolder> {
  const incoming = join(path, 'incoming');
  const uploads = join(path, 'uploads');
  await mkdir(path, {recursive: true});
  // What a receiver that was killed left behind.
  await removeTree(incoming);
  await mkdir(incoming, {mode: 0o700});
  await mkdir(uploads, {recursive: true, mode: 0o700});
  return {path, incoming, uploads};
}
