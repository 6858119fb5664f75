import {mkdir, rm, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {testdir} from '@keelson/test-kit';
import {APPS, type Framework, lostOf, nodeOf, rolling, startEveryLoad, sumOf, workersOf} from './rolls.ts';
import {bench, serve} from './workloads.ts';

const ROLLS = 30;
const HAND_OVERS = 10;
const FRAMEWORKS: readonly Framework[] = ['plain', 'express', 'fastify', 'koa'];

const report = (text: string): void => void process.stdout.write(`${text}\n`);

describe('under keep-alive, new-connection, WebSocket, SSE, chunked-upload and slow-client load at once', () => {
  test(
    `${ROLLS} rolling restarts of plain http on this Node: no request is lost`,
    async () => {
      await using service = await rolling({framework: 'plain'});
      const load = await startEveryLoad(service.port);
      for (let roll = 0; roll < ROLLS; roll++) {
        const before = await workersOf(service);
        expect(await service.control.roll({wait: true})).toMatchObject({state: 'done'});
        expect((await workersOf(service)).filter((pid) => before.includes(pid))).toEqual([]);
      }
      const result = await load.finish();
      report(`plain, Node ${process.version}, ${ROLLS} rolls: ${sumOf(result)}`);
      expect(lostOf(result)).toEqual({});
      // Two workers for each roll, and each of them said good-bye to what was open.
      expect(result['webSocket']!.lastOnes).toBeGreaterThanOrEqual(ROLLS);
    },
    30 * 60_000,
  );

  test(
    `${HAND_OVERS} hand-overs from release to release, each from a folder of its own that goes with it`,
    async () => {
      await using b = await bench({idleMs: undefined, graceMs: undefined});
      await using releases = await testdir();
      const release = async (number: number) => {
        const cwd = releases.at(`releases/${number}`);
        await mkdir(cwd, {recursive: true});
        await symlink(join(APPS, 'plain.cjs'), join(cwd, 'app.cjs'));
        const env = {VERSION: `v${number}`};
        return {
          cwd,
          generation: await serve(
            b,
            b.web(env, {cwd, command: 'node app.cjs', workers: 2, health: {path: '/', timeoutMs: 10_000}}),
          ),
        };
      };
      let current = await release(0);
      const load = await startEveryLoad(b.port);
      for (let number = 1; number <= HAND_OVERS; number++) {
        const next = await release(number);
        await current.generation.drain();
        await rm(current.cwd, {recursive: true});
        current = next;
      }
      const result = await load.finish();
      report(`plain, Node ${process.version}, ${HAND_OVERS} hand-overs: ${sumOf(result)}`);
      expect(lostOf(result)).toEqual({});
      for (const kind of ['keepAlive', 'newConnection', 'webSocket', 'serverSentEvents'])
        expect(Object.keys(result[kind]!.versions).length).toBeGreaterThanOrEqual(HAND_OVERS); // the last one may come too late
    },
    30 * 60_000,
  );

  const pairs = [20, 22, 24].flatMap((major) => FRAMEWORKS.map((framework) => [major, framework] as const));
  test.each(pairs)(
    'two rolls on Node %d, %s',
    async (major, framework) => {
      const node = await nodeOf(major);
      await using service = await rolling({framework, node, flags: ['--grace', '8']});
      const load = await startEveryLoad(service.port, 0.5);
      for (let roll = 0; roll < 2; roll++)
        expect(await service.control.roll({wait: true})).toMatchObject({state: 'done'});
      const result = await load.finish();
      report(`${framework}, Node ${major}, 2 rolls: ${sumOf(result)}`);
      expect(lostOf(result)).toEqual({});
    },
    5 * 60_000,
  );
});
