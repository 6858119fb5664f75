import {setTimeout as sleep} from 'node:timers/promises';
import {createLog} from './log.js';
import {readEntry} from './read-entry.js';
import {release} from './release.js';
import {openStore} from './store.js';

const LOOK_EACH_MS = 1_000;
const IDLE_NOTE_EACH_MS = 5_000;

const log = createLog('worker');
const store = openStore();
const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT']) process.once(name, () => stopping.abort());

log.info({version: release.version}, 'waiting for entries to read');
let lastNote = Date.now();
while (!stopping.signal.aborted) {
  const news = await store.readNew(readEntry);
  for (const {id, words} of news) log.info({entry: id, words}, 'read an entry');
  if (news.length > 0) lastNote = Date.now();
  if (Date.now() - lastNote >= IDLE_NOTE_EACH_MS) {
    log.info({entries: store.count()}, 'nothing new');
    lastNote = Date.now();
  }
  await sleep(LOOK_EACH_MS, undefined, {signal: stopping.signal}).catch(() => {});
}
await store.close();
log.info('stopped');
