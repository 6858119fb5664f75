// Runs what `npm run build` made as it runs in production: the real server and the real worker, as processes of their own.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';

const app = fileURLToPath(new URL('..', import.meta.url));
const {version} = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'guestbook-'));
const started = [];
let web;

before(async () => {
  web = await startWeb();
});

after(async () => {
  for (const program of started) await program.stop();
  rmSync(folder, {recursive: true});
});

test('the page has a form, the title, the version and no script', async () => {
  const response = await fetch(web);
  const page = await response.text();
  assert.equal(response.status, 200);
  assert.match(page, /<title>Guestbook<\/title>/);
  assert.match(page, /<form method="post" action="\/entries">/);
  assert.match(page, new RegExp(`version ${version}</footer>`));
  assert.doesNotMatch(page, /<script|style=/);
  assert.match(response.headers.get('content-security-policy'), /default-src 'none'/);
  assert.equal(response.headers.get('x-powered-by'), null);
});

test('the stylesheet is kept for good under its own name, and served but not kept under the name of another version', async () => {
  const [, path] = /rel="stylesheet" href="([^"]+)"/.exec(await (await fetch(web)).text());
  const ours = await fetch(web + path);
  assert.equal(ours.headers.get('content-type'), 'text/css; charset=utf-8');
  assert.match(ours.headers.get('cache-control'), /immutable/);
  const other = await fetch(`${web}/assets/style-0123456789.css`);
  assert.equal(other.headers.get('cache-control'), 'no-store');
  assert.equal(await other.text(), await ours.text());
  assert.equal((await fetch(`${web}/assets/server.js`)).status, 404);
});

test('an entry is stored, shown and escaped', async () => {
  const response = await sign({name: ' Ada  Lovelace ', message: '<b>"Hello" & welcome</b>\r\nto\u0007 all'});
  assert.equal(response.status, 303);
  assert.match(response.headers.get('location'), /^\/#entry-\d+$/);
  assert.match(
    await (await fetch(web)).text(),
    /&#60;b&#62;&#34;Hello&#34; &#38; welcome&#60;\/b&#62;\nto all/,
  );
  const [entry] = await entries();
  assert.deepEqual([entry.name, entry.message], ['Ada Lovelace', '<b>"Hello" & welcome</b>\nto all']);
});

test('the longest entry fits, whatever its characters', async () => {
  const response = await sign({name: '名'.repeat(60), message: '長\r\n'.repeat(250)});
  assert.equal(response.status, 303);
});

for (const [what, form, status] of [
  ['no name', {name: ' ', message: 'Hello'}, 422],
  ['no message', {name: 'Ada'}, 422],
  ['a name that is too long', {name: 'A'.repeat(61), message: 'Hello'}, 422],
  ['a message that is too long', {name: 'Ada', message: 'A'.repeat(501)}, 422],
  [
    'two names',
    [
      ['name', 'Ada'],
      ['name', 'Bob'],
      ['message', 'Hello'],
    ],
    422,
  ],
  ['a body that is too large', {name: 'Ada', message: 'A'.repeat(100_000)}, 413],
]) {
  test(`${what} is refused and changes nothing`, async () => {
    const earlier = await entries();
    const response = await sign(form);
    assert.equal(response.status, status);
    assert.match(response.headers.get('content-type'), /^text\/html/);
    assert.deepEqual(await entries(), earlier);
  });
}

test('older entries are on further pages', async () => {
  for (let i = 1; i <= 25; i++) await sign({name: 'Ada', message: `Line ${i}`});
  const first = await (await fetch(web)).text();
  const [, path] = /href="(\/\?before=\d+)"/.exec(first);
  const second = await (await fetch(web + path)).text();
  assert.match(first, />Line 6</);
  assert.doesNotMatch(first, />Line 5</);
  assert.match(second, />Line 5</);
  assert.doesNotMatch(second, />Line 6</);
});

test('an unknown address is a page, too', async () => {
  const response = await fetch(`${web}/nothing`);
  assert.equal(response.status, 404);
  assert.match(await response.text(), /This page is missing/);
});

test('the health check passes and names the version', async () => {
  const response = await fetch(`${web}/health`);
  const answer = await response.json();
  assert.equal(response.status, 200);
  assert.equal(answer.status, 'pass');
  assert.equal(answer.version, version);
});

test('a second server on the same folder shows the same entries', async () => {
  const second = await startWeb();
  await sign({name: 'Grace', message: 'Through the first door'});
  assert.match(await (await fetch(second)).text(), /Through the first door/);
  await sign({name: 'Grace', message: 'Through the second door'}, second);
  assert.match(await (await fetch(web)).text(), /Through the second door/);
});

test('the worker reads each entry once, notes it, and ends when it is told to', async () => {
  await sign({name: 'Ada', message: 'Hello there :wave: :nothing:'});
  const [{id}] = await entries();
  const worker = start('worker.js');
  const note = await worker.log((line) => line.entry === id);
  assert.equal(note.msg, 'read an entry');
  const [entry] = await entries();
  assert.deepEqual([entry.message, entry.words], ['Hello there 👋 :nothing:', 3]);

  const [next] = await Promise.all([
    worker.log((line) => line.entry > id),
    sign({name: 'Ada', message: 'And another one'}),
  ]);
  assert.equal(next.entry, id + 1);
  assert.equal(await worker.stop(), 0);
});

test('two builds give the same bytes', () => {
  const earlier = digest(join(app, 'dist'));
  execFileSync(process.execPath, ['build.js'], {cwd: app});
  assert.equal(digest(join(app, 'dist')), earlier);
});

async function startWeb() {
  const {address} = await start('server.js').log((line) => line.msg === 'listening');
  return `http://127.0.0.1:${address.port}`;
}

/** Runs a program of dist/. `log` waits for a line of its log, `stop` for its end. */
function start(script) {
  const child = spawn(process.execPath, [join(app, 'dist', script)], {
    cwd: folder,
    env: {...process.env, PORT: '0', DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'info', TITLE: ''},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({input: child.stdout});
  const program = {
    log: (matches) =>
      new Promise((resolve, reject) => {
        lines.on('line', (line) => matches(JSON.parse(line)) && resolve(JSON.parse(line)));
        lines.once('close', () => reject(new Error(`${script} ended before it logged what was awaited`)));
      }),
    async stop() {
      child.kill();
      const [code] = await exited;
      return code;
    },
  };
  started.push(program);
  return program;
}

function sign(form, at = web) {
  return fetch(`${at}/entries`, {method: 'POST', body: new URLSearchParams(form), redirect: 'manual'});
}

async function entries() {
  const {entries: newest} = await (await fetch(`${web}/api/entries`)).json();
  return newest;
}

function digest(path) {
  const hash = createHash('sha256');
  for (const name of readdirSync(path, {recursive: true}).sort()) {
    hash.update(`${name}\0`);
    if (statSync(join(path, name)).isFile()) hash.update(readFileSync(join(path, name)));
  }
  return hash.digest('hex');
}
