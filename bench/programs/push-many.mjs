// node push-many.mjs receiver|nginx ROOT REPOSITORY COUNT AT-ONCE: a server, and so many pushes of a commit each to it, to COUNT apps. Client and server are metered together.
import {execFile, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';

const [kind, root, repository, countText, atOnceText] = process.argv.slice(2);
const count = Number(countText);
const atOnce = Number(atOnceText);
const git = (...args) => promisify(execFile)('git', ['-C', repository, ...args]);

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address();
  server.close();
  return port;
}

async function receiver() {
  const {startReceiver} = await import(
    new URL('../../packages/receiver/dist/index.js', import.meta.url).href
  );
  const started = await startReceiver(async () => ({accepted: true}), {root, packages: true});
  return {url: started.url, stop: () => started.close()};
}

/** As git-http-backend(1) says, with what it leaves to a hook: a receiver judges before the branch moves. */
async function nginx() {
  mkdirSync(root, {recursive: true});
  for (let app = 0; app < count; app++) {
    const bare = join(root, `app-${app}.git`);
    execFileSync('git', ['init', '--quiet', '--bare', bare]);
    execFileSync('git', ['-C', bare, 'config', 'http.receivepack', 'true']);
    writeFileSync(join(bare, 'hooks/pre-receive'), '#!/bin/sh\ncat >/dev/null\n', {mode: 0o755});
  }
  const socket = join(root, 'fcgi.sock');
  const port = await freePort();
  const config = join(root, 'nginx.conf');
  writeFileSync(
    config,
    `${process.getuid() === 0 ? 'user root; ' : ''}daemon off; pid ${root}/pid; error_log ${root}/error.log; worker_processes 1; events {}
http { access_log off; client_max_body_size 0; client_body_temp_path ${root}/body; fastcgi_temp_path ${root}/fcgi; proxy_temp_path ${root}/p; uwsgi_temp_path ${root}/u; scgi_temp_path ${root}/s;
  server { listen 127.0.0.1:${port}; location / {
    fastcgi_pass unix:${socket}; include /etc/nginx/fastcgi_params;
    fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend; fastcgi_param GIT_HTTP_EXPORT_ALL "";
    fastcgi_param GIT_PROJECT_ROOT ${root}; fastcgi_param PATH_INFO $uri; fastcgi_param REMOTE_USER bench; } } }
`,
  );
  const options = {stdio: 'ignore', detached: true}; // its children are in its group, and stay when it ends
  const wrap = spawn('fcgiwrap', ['-c', String(atOnce), '-s', `unix:${socket}`], options);
  while (!existsSync(socket)) await delay(5);
  const server = spawn('nginx', ['-p', root, '-c', config], {stdio: 'ignore'});
  const url = `http://127.0.0.1:${port}`;
  while ((await fetch(url).catch(() => undefined)) === undefined) await delay(5);
  const stop = async () => {
    server.kill('SIGQUIT');
    process.kill(-wrap.pid);
    await Promise.all([once(server, 'exit'), once(wrap, 'exit')]);
  };
  return {url, stop};
}

const server = kind === 'receiver' ? await receiver() : await nginx();
let next = 0;
const pushing = async () => {
  for (let app = next++; app < count; app = next++)
    await git('push', '--quiet', `${server.url}/app-${app}.git`, 'HEAD:main');
};
await Promise.all(Array.from({length: atOnce}, pushing));
await server.stop();
