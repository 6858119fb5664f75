// From an archive to a new version that serves: seconds until the port answers with it, of an app of some 200 packages with an unchanged
// lockfile. Against an installation for each release (CID's way) and against the commands that pm2 deploy runs on the server.
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {cpSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';

import {lockedApp} from '../locked-app.js';
import {needPrograms, npmPeer} from '../peers.js';
import {freePort, until} from '../processes.js';

const DEPLOYS = 5;
const SERVER = `import http from 'node:http';
import {readFileSync} from 'node:fs';
const {version} = JSON.parse(readFileSync('package.json', 'utf8'));
http.createServer((_, response) => response.end(version)).listen(process.env.PORT);
`;

function run(command, cwd, env) {
  const {status, stderr} = spawnSync(command[0], command.slice(1), {
    cwd,
    env: {...process.env, ...env},
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
}

const served = (port) =>
  fetch(`http://127.0.0.1:${port}/`, {headers: {connection: 'close'}}).then(
    (response) => response.text(),
    () => undefined,
  );

const fixed = (numbers) => numbers.map((number) => number.toFixed(2));

export default async function deploy({root, work}) {
  needPrograms(['npm', 'git', 'tar'], 'npm comes with Node');
  const {execPath: node} = process;
  const keelson = join(root, 'tools/keelson/bin/keelson.js');
  const app = join(work, 'app');
  cpSync(lockedApp(), app, {recursive: true});
  writeFileSync(join(app, 'Procfile'), 'web: node server.mjs\n');
  writeFileSync(join(app, 'server.mjs'), SERVER);
  writeFileSync(join(app, '.gitignore'), 'node_modules\n');
  const git = (...argv) => run(['git', '-c', 'user.name=b', '-c', 'user.email=b@localhost', ...argv], app);
  git('init', '--quiet');
  for (let version = 0; version <= DEPLOYS; version++) {
    const manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'));
    writeFileSync(join(app, 'package.json'), JSON.stringify({...manifest, version: `1.0.${version}`}));
    git('add', '.');
    git('commit', '--quiet', '--message', String(version));
    git('tag', `v${version}`);
    run([node, keelson, 'build', app, '--out', join(work, `v${version}.tgz`)], work);
    run(['git', 'archive', '--output', join(work, `v${version}.sources.tgz`), 'HEAD'], app);
  }

  /** The first deploy is not counted. */
  const contest = async (name, {port, bring, end}) => {
    const seconds = [];
    try {
      for (let version = 0; version <= DEPLOYS; version++) {
        const began = performance.now();
        const done = bring(version);
        await until(async () => (await served(port)) === `1.0.${version}`, name);
        if (version > 0) seconds.push((performance.now() - began) / 1000);
        await done;
      }
    } finally {
      await end();
    }
    const sorted = seconds.toSorted((a, b) => a - b);
    const facts = `${sorted[DEPLOYS >> 1].toFixed(2)} s (${fixed([sorted[0], sorted.at(-1)]).join('–')})`;
    process.stderr.write(`${name}: ${facts}\n`);
    return {name, facts};
  };

  const start = (command, options) => {
    const child = spawn(command[0], command.slice(1), {stdio: 'ignore', ...options});
    const exited = once(child, 'exit');
    const stop = async () => {
      child.kill('SIGTERM');
      await exited;
    };
    return {exited, stop};
  };
  const must = async (command, options) => {
    const [code] = await start(command, options).exited;
    if (code !== 0) throw new Error(`${command.join(' ')}: exit ${code}`);
  };
  const install = ['npm', 'ci', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'];
  const npm = {npm_config_cache: join(homedir(), '.npm')};

  const ours = async () => {
    const [port, listen] = [await freePort(), await freePort()];
    const at = join(work, 'root');
    const flags = [
      '--root',
      at,
      '--listen',
      `127.0.0.1:${listen}`,
      '--app-port',
      String(port),
      '--allow-root',
    ];
    const server = start([node, keelson, 'deploy', 'serve', ...flags]);
    await until(() => served(listen).then((text) => text !== undefined), 'the server');
    return contest('keelson deploy ARCHIVE', {
      port,
      bring: (version) =>
        must([
          node,
          keelson,
          'deploy',
          join(work, `v${version}.tgz`),
          '--root',
          at,
          '--app',
          'app',
          '--bake',
          '0',
        ]),
      end: server.stop,
    });
  };

  const reinstall = async () => {
    const port = await freePort();
    let running;
    return contest('tar x; npm ci; stop the old one, start the new one', {
      port,
      bring: async (version) => {
        const dir = join(work, `by-hand-${version}`);
        mkdirSync(dir);
        await must(['tar', 'xzf', join(work, `v${version}.sources.tgz`), '-C', dir]);
        await must(install, {cwd: dir, env: {...process.env, ...npm}});
        await running?.stop();
        running = start([node, 'server.mjs'], {cwd: dir, env: {...process.env, PORT: String(port)}});
      },
      end: async () => running?.stop(),
    });
  };

  const pm2 = npmPeer('pm2', '7.0.4', 'bin/pm2');
  const byPm2 = async () => {
    const port = await freePort();
    const dir = join(work, 'pm2-source');
    const env = {...process.env, ...npm, PM2_HOME: join(work, 'pm2'), PORT: String(port)};
    run(['git', 'clone', '--quiet', app, dir], work);
    const reload = [node, pm2, 'startOrReload', 'ecosystem.config.js'];
    return contest('the commands of pm2 deploy: git reset, npm install, pm2 startOrReload', {
      port,
      bring: async (version) => {
        await must(['git', 'fetch', '--quiet', '--tags', 'origin'], {cwd: dir});
        await must(['git', 'reset', '--quiet', '--hard', `v${version}`], {cwd: dir});
        await must(['npm', 'install', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'], {
          cwd: dir,
          env,
        });
        writeFileSync(
          join(dir, 'ecosystem.config.js'),
          `module.exports = {apps: [{name: 'app', script: 'server.mjs', instances: 1, exec_mode: 'cluster'}]};`,
        );
        await must(reload, {cwd: dir, env});
      },
      end: async () => {
        await must([node, pm2, 'kill'], {env});
        rmSync(join(work, 'pm2'), {recursive: true, force: true});
      },
    });
  };

  return [await ours(), await reinstall(), await byPm2()];
}
