import {once} from 'node:events';
import {closeSync, createReadStream, ftruncateSync, openSync, readdirSync, writeSync} from 'node:fs';
import {randomBytes} from 'node:crypto';
import {request} from 'node:http';
import {join} from 'node:path';
import {expect, test} from '@jest/globals';
import {startReceiver} from '@keelson/receiver';
import {describeWith, git, launchBin, packageRoot, testdir} from '@keelson/test-kit';
import {cuttingProxy} from './cutting-proxy.ts';
import {push, pushedApp, repositoryOf} from './pushed-app.ts';

const MINUTES = 60_000;

describeWith(['git'], 'a receiver', () => {
  test(
    'answers 200 pushes to 20 apps at the same time',
    async () => {
      await using app = await pushedApp();
      await using dir = await testdir();
      const deployed = new Map<string, number>();
      await using to = await startReceiver(
        async (received) => {
          deployed.set(received.app, (deployed.get(received.app) ?? 0) + 1);
          return {accepted: true};
        },
        {root: dir.at('root')},
      );
      const apps = Array.from({length: 20}, (_, index) => `app-${index}`);
      const pushes = await Promise.all(
        Array.from({length: 200}, (_, index) => push(app.clone, `${to.url}/${apps[index % 20]}.git`, 'main')),
      );
      const count = (test: (push: {code: number | null; stderr: string}) => boolean) =>
        pushes.filter(test).length;
      const counts = {
        deployed: count(({code}) => code === 0),
        gaveWay: count(({code, stderr}) => code !== 0 && /A newer push of this app came/.test(stderr)),
        late: count(
          ({code, stderr}) => code !== 0 && /moved by another push|failed to update ref/.test(stderr),
        ),
      };
      console.log(`200 pushes to 20 apps: ${JSON.stringify(counts)}`);
      expect(counts.deployed + counts.gaveWay + counts.late).toBe(200);
      for (const name of apps)
        expect(await git(repositoryOf(dir.at('root'), name), 'rev-parse', 'main')).toBe(
          await app.git('rev-parse', 'HEAD'),
        );
    },
    5 * MINUTES,
  );

  test(
    'stands 150 pushes that break at random bytes',
    async () => {
      await using app = await pushedApp({'noise.bin': randomBytes(500_000)});
      await using dir = await testdir();
      let accepted = 0;
      await using to = await startReceiver(
        async () => {
          accepted++;
          return {accepted: true};
        },
        {root: dir.at('root')},
      );
      for (let tries = 0; tries < 150; tries++) {
        await using proxy = await cuttingProxy(to.url, 1 + Math.floor(Math.random() * 500_000));
        expect((await push(app.clone, `${proxy.url}/web.git`, 'main')).code).not.toBe(0);
      }
      expect(accepted).toBe(0);
      expect(await push(app.clone, `${to.url}/web.git`, 'main')).toMatchObject({code: 0});
      expect(readdirSync(dir.at('root/web/.keelson/incoming'))).toEqual([]);
      expect(await git(repositoryOf(dir.at('root')), 'fsck', '--strict', '--no-dangling')).toBe('');
    },
    10 * MINUTES,
  );

  test(
    'takes 1 GiB by PUT in less than 200 MB of memory',
    async () => {
      await using app = await pushedApp();
      await using dir = await testdir();
      await using running = launchBin(
        join(packageRoot(import.meta.url), 'test/fixtures/measured-receiver.mjs'),
        [dir.at('root')],
      );
      const url = await running.line('http://');
      // A good archive with a gibibyte of noise behind its end: what is measured is the way in, and it is refused at its end.
      const big = dir.at('big.tgz');
      const file = openSync(big, 'w');
      const start = await import('node:fs/promises').then(({readFile}) => readFile(app.archive.path));
      writeSync(file, start);
      ftruncateSync(file, 1024 ** 3);
      closeSync(file);
      const sent = request(`${url}/web.tgz`, {method: 'PUT', headers: {'content-length': String(1024 ** 3)}});
      createReadStream(big, {highWaterMark: 1024 * 1024}).pipe(sent);
      const [response] = await once(sent, 'response');
      response.resume();
      expect(response.statusCode).toBe(201);
      const peak = Number((await running.line('peak MiB')).split(' ').at(-1));
      console.log(`1 GiB by PUT: peak ${peak} MiB`);
      expect(peak).toBeLessThan(200);
    },
    5 * MINUTES,
  );
});
