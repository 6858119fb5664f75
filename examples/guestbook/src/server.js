import {createApp} from './app.js';
import {createLog} from './log.js';
import {release} from './release.js';
import {openStore} from './store.js';
import {theme} from './theme.js';

const log = createLog('web');
const app = createApp({store: openStore(), title: process.env.TITLE || theme.title, log});

const server = app.listen(process.env.PORT ?? 5000, (error) => {
  if (error) throw error;
  log.info({version: release.version, address: server.address()}, 'listening');
});
