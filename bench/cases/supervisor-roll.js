// One rolling restart of four workers under the strict client of the tests (sixty keep-alive connections that think for up to 60 ms, no retry):
// how many requests each loses.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {dirname, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';

import {npmPeer} from '../peers.js';
import {answers, freePort, treeOf, until} from '../processes.js';

const WORKERS = 4;
const CONNECTIONS = 60;
const THINK_MS = 60;

/** Clients until the end of their stdin, then what they saw. */
function client(root, port) {
  const program = join(root, 'packages/supervisor/test/fixtures/strict-client.mjs');
  const child = spawn(process.execPath, [program, port, CONNECTIONS, 'get', THINK_MS].map(String), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  const closed = once(child, 'close');
  return async () => {
    child.stdin.end();
    await closed;
    return JSON.parse(output.trim().split('\n').at(-1));
  };
}

function program(command, env) {
  const child = spawn(command[0], command.slice(1), {
    env: {...process.env, ...env},
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  const exited = once(child, 'exit');
  const said = (text) => until(() => output.includes(text), `"${text}" of ${command.at(-1)}`);
  return {child, said, stop: async () => (child.kill('SIGTERM'), exited)};
}

export default async function supervisorRoll({root, work}) {
  const {execPath: node} = process;
  const programs = join(root, 'bench/programs');
  const app = join(programs, 'roll-app.js');
  const results = [];

  /** Starts it, rolls it under load, writes down what was lost. */
  const contest = async (name, {begin, roll, end}) => {
    const port = await freePort();
    const state = await begin(port);
    await until(() => answers(port), name);
    const finish = client(root, port);
    await sleep(2000);
    const began = performance.now();
    await roll(state);
    const seconds = (performance.now() - began) / 1000;
    await sleep(2000);
    const {ok, lost, refused, reset, ended, timeout} = await finish();
    await end(state);
    const how = `refused ${refused}, reset ${reset}, ended ${ended}, no answer ${timeout}`;
    results.push({name, facts: `${lost} lost of ${ok + lost} (${how}), ${seconds.toFixed(1)} s`});
    process.stderr.write(`${name}: ${results.at(-1).facts}\n`);
  };

  const run = join(root, 'packages/supervisor/bin/keelson-run.js');
  const ctl = join(root, 'packages/supervisor/bin/keelson-ctl.js');
  const socket = join(work, 'control.sock');
  await contest('keelson run, ctl roll --wait', {
    begin: async (port) => {
      const argv = ['--port', port, '--workers', WORKERS, '--control', socket, '--', node, app];
      const running = program([node, run, ...argv.map(String)]);
      await until(() => treeOf(running.child.pid).length > WORKERS, 'its workers');
      return running;
    },
    roll: async () => {
      const [code] = await once(
        spawn(node, [ctl, 'roll', '--wait', '--control', socket], {stdio: 'ignore'}),
        'exit',
      );
      if (code !== 0) throw new Error(`keelson ctl roll: exit ${code}`);
    },
    end: (running) => running.stop(),
  });

  const pm2 = npmPeer('pm2', '7.0.4', 'bin/pm2');
  const ask = async (env, ...argv) =>
    once(spawn(node, [pm2, ...argv], {env: {...process.env, ...env}, stdio: 'ignore'}), 'exit');
  for (const LIBRARY of ['nothing', 'close'])
    await contest(
      `pm2 reload, ${LIBRARY === 'close' ? 'an app that calls server.close' : 'an unmodified app'}`,
      {
        begin: async (port) => {
          const env = {
            PM2_HOME: join(work, `pm2-${LIBRARY}`),
            PM2_DISABLE_VERSION_CHECK: '1',
            PORT: String(port),
            LIBRARY,
          };
          await ask(env, 'start', app, '-i', String(WORKERS), '--name', 'app');
          return env;
        },
        roll: (env) => ask(env, 'reload', 'app'),
        end: (env) => ask(env, 'kill'),
      },
    );

  const rolled = (command, env) => ({
    begin: async (port) => {
      const running = program(command, {...env, PORT: String(port), WORKERS: String(WORKERS)});
      await running.said('up');
      return running;
    },
    roll: async (running) => {
      running.child.kill('SIGUSR2');
      await running.said('rolled');
    },
    end: (running) => running.stop(),
  });
  const strong = dirname(npmPeer('strong-cluster-control', '2.2.4', 'package.json'));
  await contest(
    'strong-cluster-control 2.2.4',
    rolled([node, join(programs, 'roll-strong.js'), app], {PEER: strong, LIBRARY: 'nothing'}),
  );
  const byHand = [node, join(programs, 'roll-cluster.js'), app];
  await contest('node:cluster, SIGTERM and server.close', rolled(byHand, {LIBRARY: 'close'}));
  const fastify = dirname(npmPeer('fastify', '5.12.8', 'package.json'));
  for (const [library, name, version] of [
    ['http-terminator', 'http-terminator', '3.2.0'],
    ['terminus', '@godaddy/terminus', '4.12.1'],
    ['stoppable', 'stoppable', '1.1.0'],
    ['close-with-grace', 'close-with-grace', '2.5.0'],
  ]) {
    const PEER = dirname(npmPeer(name, version, 'package.json'));
    await contest(
      `node:cluster, ${name} ${version}`,
      rolled(byHand, {LIBRARY: library, PEER, FASTIFY: fastify}),
    );
  }
  return results;
}
