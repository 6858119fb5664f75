// The first push of 43 000 files to `git http-backend`: our pack as it lies there against `git push` of the same pack, and of loose
// objects, as `git add` leaves them. The server is the same small CGI wrapper for both, and is not metered.
import {execFileSync, spawn} from 'node:child_process';
import {readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

import {COMMIT, PLUMBING, PUSH} from '../git-programs.js';
import {needPrograms} from '../peers.js';
import {installedTree} from '../trees.js';

const SERVER = `
import {spawn} from 'node:child_process';
import {createServer} from 'node:http';
const [root] = process.argv.slice(1);
createServer((request, response) => {
  const [path, query = ''] = request.url.split('?');
  const env = {
    PATH: process.env.PATH, GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '', PATH_INFO: path, QUERY_STRING: query, REMOTE_USER: 'b',
    REQUEST_METHOD: request.method, CONTENT_TYPE: request.headers['content-type'] ?? '', CONTENT_LENGTH: request.headers['content-length'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '', GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'gc.auto', GIT_CONFIG_VALUE_0: '0',
  };
  const cgi = spawn('git', ['http-backend'], {env});
  request.pipe(cgi.stdin);
  const parts = [];
  cgi.stdout.on('data', (part) => parts.push(part)).on('end', () => {
    const all = Buffer.concat(parts);
    const end = all.indexOf('\\r\\n\\r\\n');
    for (const line of all.subarray(0, end).toString().split('\\r\\n')) {
      const [name, value] = line.split(': ');
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.end(all.subarray(end + 4));
  });
}).listen(0, '127.0.0.1', function () { process.stdout.write(String(this.address().port)); });
process.stdin.on('end', () => process.exit()).resume();
`;

export default async function gitPush({root, work}) {
  needPrograms(['git'], 'apt-get install git');
  const dist = (path) => pathToFileURL(join(root, 'packages', path)).href;
  const tree = installedTree('large');
  const at = (name) => join(work, name);
  const node = (program, ...args) => [process.execPath, '--input-type=module', '-e', program, ...args];
  const git = (...args) => execFileSync('git', args).toString().trim();
  for (const name of ['to.git', 'loose.git']) git('init', '-q', '--bare', at(name));
  git('--git-dir', at('to.git'), 'config', 'http.receivepack', 'true');
  writeFileSync(at('server.mjs'), SERVER);
  const server = spawn(process.execPath, node(SERVER, work).slice(1), {stdio: ['pipe', 'pipe', 'inherit']});
  const [port] = await server.stdout.take(1).toArray();
  server.unref();
  server.stdin.unref();
  server.stdout.unref();
  const url = `http://127.0.0.1:${port}/to.git`;

  execFileSync(process.execPath, node(COMMIT, dist('git/dist/index.js'), tree, at('own.git')).slice(1));
  execFileSync('sh', ['-ec', PLUMBING, 'sh', tree, at('loose.git'), at('index')]);
  const folder = join(at('own.git'), 'objects/pack');
  const pack = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.pack')),
  );
  const revision = git('--git-dir', at('own.git'), 'rev-parse', 'deploy');
  // Each push finds the server without its objects, as the first one does.
  const empty =
    'find "$1/objects" -type f -delete; rm -rf "$1/refs/heads"; mkdir "$1/refs/heads"; rm -f "$1/packed-refs"; shift; exec "$@"';
  const first = (command) => ['sh', '-ec', empty, 'sh', at('to.git'), ...command];
  const push = (gitDir) => ['git', '--git-dir', at(gitDir), 'push', '--quiet', url, 'deploy:refs/heads/x'];
  const ours = {
    name: 'pushPack',
    command: first(
      node(
        PUSH,
        dist('git/dist/index.js'),
        dist('publisher/dist/to/git/smart-exchange.js'),
        at('own.git'),
        url,
        pack,
        revision,
      ),
    ),
  };
  return [
    {ours, theirs: {name: 'git push, packed', command: first(push('own.git'))}},
    {ours, theirs: {name: 'git push, loose objects', command: first(push('loose.git'))}},
  ];
}
