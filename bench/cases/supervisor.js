// What a request costs behind `keelson run`, against bare node:cluster: two workers of one app, so many requests from 64 connections, CPU time of
// all their processes from the first request to the last, and the same for workers that inherit the descriptor without us, which is
// the bound. Before that the memory of a supervisor that idles, against pm2's daemon.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';

import {npmPeer} from '../peers.js';
import {answers, cpuOf, freePort, residentOf, treeOf, until} from '../processes.js';

const WORKERS = 2;
const IDLE_MS = 12_000; // V8 gives back what a start has needed after some eight seconds

async function start(command, env, processes) {
  const port = await freePort();
  const child = spawn(
    command[0],
    command.slice(1).map((word) => (word === 'PORT' ? String(port) : word)),
    {
      env: {...process.env, ...env, PORT: String(port)},
      stdio: 'ignore',
    },
  );
  const exited = once(child, 'exit');
  // Every worker is there, and has been asked something.
  await until(() => treeOf(child.pid).length >= processes, `the workers of ${command.join(' ')}`);
  await until(() => answers(port), `${command.join(' ')} on port ${port}`);
  return {
    port,
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function load(programs, port, count, mode) {
  const client = spawn(
    process.execPath,
    [join(programs, 'request-load.js'), port, 64, count, mode].map(String),
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [code] = await once(client, 'exit');
  if (code !== 0) throw new Error('a request was lost');
}

export default async function supervisor({root, work}) {
  const programs = join(root, 'bench/programs');
  const {execPath: node} = process;
  const run = join(root, 'packages/supervisor/bin/keelson-run.js');
  const app = join(programs, 'hello-app.js');
  const ours = [node, run, '--port', 'PORT', '--workers', String(WORKERS), '--', node, app];
  const cluster = [node, join(programs, 'hello-cluster.js')];
  const bare = [node, join(programs, 'hello-inherited.js')];

  const side = (name, command, count, mode) => ({
    name,
    async measure() {
      const server = await start(command, {WORKERS}, 1 + WORKERS);
      try {
        await load(programs, server.port, count, mode); // compiled by now
        const [cpu, wall] = [cpuOf(server.pid), performance.now()];
        await load(programs, server.port, count, mode);
        return {cpu: cpuOf(server.pid) - cpu, wall: performance.now() - wall, code: 0};
      } finally {
        await server.stop();
      }
    },
  });
  const requests = (what, count, mode) => ({
    ours: side(`keelson run, ${count} ${what}`, ours, count, mode),
    theirs: side(`node:cluster, ${count} ${what}`, cluster, count, mode),
  });

  const idle = await start(ours, {}, 1 + WORKERS);
  await sleep(IDLE_MS);
  const oursMib = residentOf(idle.pid);
  await idle.stop();
  const pm2 = npmPeer('pm2', '7.0.4', 'bin/pm2');
  const env = {
    ...process.env,
    PM2_HOME: join(work, 'pm2'),
    PM2_DISABLE_VERSION_CHECK: '1',
    PORT: String(await freePort()),
  };
  const ask = async (...argv) => once(spawn(node, [pm2, ...argv], {env, stdio: 'ignore'}), 'exit');
  await ask('start', app, '-i', String(WORKERS));
  await sleep(IDLE_MS);
  const theirsMib = residentOf(Number(readFileSync(join(work, 'pm2/pm2.pid'), 'utf8')));
  await ask('kill');

  return [
    {
      name: 'memory of a supervisor that idles, two workers',
      facts: `keelson run ${oursMib.toFixed(0)} MiB, pm2 ${theirsMib.toFixed(0)} MiB`,
    },
    requests('requests, keep-alive', 60_000, 'keep-alive'),
    requests('requests, a connection each', 20_000, 'new'),
    {
      ours: side('workers that inherit the descriptor, without us', bare, 20_000, 'new'),
      theirs: side('node:cluster, 20000 requests, a connection each', cluster, 20_000, 'new'),
    },
  ];
}
