import {readFileSync} from 'node:fs';
import express from 'express';
import {longest, parseEntry} from './entry.js';
import {health} from './health.js';
import {guestbookPage, messagePage} from './page.js';
import {release} from './release.js';

const PAGE_LENGTH = 20;
// A character takes up to nine bytes in a form: three of UTF-8, each written as %XX.
const BODY_LIMIT = 9 * (longest.name + 2 * longest.message) + 100;

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
};

/** The web app on a store. */
export function createApp({store, title, log}) {
  const assets = loadAssets();
  const paths = Object.fromEntries([...assets].map(([name, {path}]) => [name, path]));
  const site = {title, version: release.version, assets: paths};

  const showBook = (response, {before, ...rest}) => {
    const entries = store.newest({limit: PAGE_LENGTH + 1, before});
    const older = entries.length > PAGE_LENGTH && entries[PAGE_LENGTH - 1].id;
    response.send(
      guestbookPage(site, {entries: entries.slice(0, PAGE_LENGTH), count: store.count(), older, ...rest}),
    );
  };

  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use((request, response, next) => {
    response.set(HEADERS);
    next();
  });

  app.get('/', (request, response) => showBook(response, {before: idOf(request.query.before)}));

  app.post(
    '/entries',
    express.urlencoded({extended: false, limit: BODY_LIMIT}),
    async (request, response) => {
      const {entry, problem} = parseEntry(request.body);
      if (problem) return showBook(response.status(422), {problem, draft: entry});
      const id = await store.add(entry);
      log.info({entry: id, characters: entry.message.length}, 'somebody signed the book');
      response.redirect(303, `/#entry-${id}`);
    },
  );

  app.get('/api/entries', (request, response) => {
    response.json({entries: store.newest({limit: PAGE_LENGTH, before: idOf(request.query.before)})});
  });

  app.get('/health', (request, response) => {
    const answer = {...check(store, log), version: release.version};
    response.status(answer.status === 'pass' ? 200 : 503).json(answer);
  });

  // While one version hands over to the next, a page of the one may ask the other for its stylesheet: nearly the right one,
  // and not to be kept, is better than none.
  app.get('/assets/:file', (request, response, next) => {
    const asset = assets.get(request.params.file.replace(/-[0-9a-f]{10}\./, '.'));
    if (!asset) return next();
    const ours = request.path === asset.path;
    response.set('cache-control', ours ? 'public, max-age=31536000, immutable' : 'no-store');
    response.type(asset.type).send(asset.content);
  });

  app.use((request, response) => {
    const text = 'There is nothing under this address.';
    response.status(404).send(messagePage(site, {heading: 'This page is missing', text}));
  });

  // oxlint-disable-next-line no-unused-vars -- Express knows an error handler by its four parameters.
  app.use((error, request, response, next) => {
    const status = error.status >= 400 && error.status < 500 ? error.status : 500;
    if (status === 500) log.error({err: error, path: request.path}, 'a request failed');
    const text =
      status === 413 ? 'That was more than fits on a page.' : 'This did not work. Please try again.';
    response.status(status).send(messagePage(site, {heading: 'Sorry', text}));
  });

  return app;
}

function check(store, log) {
  try {
    return health(store);
  } catch (error) {
    log.error({err: error}, 'the store cannot be read');
    return {status: 'fail'};
  }
}

/** The few small files live in memory: a process that outlives its release can still serve them. */
function loadAssets() {
  const load = ([name, file]) => {
    const content = readFileSync(new URL(`assets/${file}`, import.meta.url));
    return [name, {path: `/assets/${file}`, type: name.slice(name.lastIndexOf('.')), content}];
  };
  return new Map(Object.entries(release.assets).map(load));
}

function idOf(text) {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
