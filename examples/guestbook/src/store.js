import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {open} from 'lmdb';

const AT_A_TIME = 100;

/**
 * The entries in a folder. Any number of processes may have it open at once, also processes of different versions:
 * LMDB lets one write at a time, and readers never wait.
 */
export function openStore(folder = process.env.DATA_DIR || './data') {
  mkdirSync(folder, {recursive: true});
  const root = open({path: join(folder, 'guestbook.mdb')});
  const entries = root.openDB({name: 'entries'});
  const progress = root.openDB({name: 'progress'});

  const lastId = () => [...entries.getKeys({reverse: true, limit: 1})][0] ?? 0;
  const lastRead = () => progress.get('last-read') ?? 0;

  return {
    count: () => entries.getStats().entryCount,

    /** The newest entries first; with `before`, only such as are older than that id. */
    newest({limit, before}) {
      const range = entries.getRange({start: before, exclusiveStart: true, reverse: true, limit});
      return [...range].map(({key, value}) => ({id: key, ...value}));
    },

    /** Resolves to the new entry's id once it is in the store. */
    add(entry) {
      return root.transaction(() => {
        const id = lastId() + 1;
        entries.put(id, entry);
        return id;
      });
    },

    /**
     * Adds what `read(entry)` returns to entries that nobody has read yet, and resolves to them. Two readers never get the same
     * entry, as the transaction covers the look and the mark.
     */
    async readNew(read) {
      if (lastId() <= lastRead()) return [];
      return root.transaction(() => {
        const range = entries.getRange({start: lastRead(), exclusiveStart: true, limit: AT_A_TIME});
        const news = [...range].map(({key, value}) => ({id: key, ...value, ...read(value)}));
        for (const {id, ...entry} of news) entries.put(id, entry);
        if (news.length > 0) progress.put('last-read', news.at(-1).id);
        return news;
      });
    },

    close: () => root.close(),
  };
}
