import {once} from 'node:events';
import http from 'node:http';
import {text} from 'node:stream/consumers';
import {describe, expect, test} from '@jest/globals';
import {testdir, until} from '@keelson/test-kit';
import {hold} from './holder.ts';
import {connect, get} from './raw-client.ts';

const apps = ['express', 'fastify', 'koa'].flatMap((name) => [`${name}.cjs`, `${name}.mjs`]);

describe('unmodified apps', () => {
  test.each(apps)('%s: gated, then drained without a lost request', async (program) => {
    await using holder = await hold();
    const worker = holder.start(program);
    await worker.message('listening');
    worker.send({keelson: 'open'});
    await worker.message('opened');
    const idle = await connect({port: holder.port});
    idle.write(get('/'));
    expect(await idle.response()).toMatchObject({status: 200, body: program.split('.')[0]});
    const busy = await connect({port: holder.port});
    busy.write(get('/slow'));
    const other = await connect({port: holder.port});
    other.write(get('/'));
    await other.response(); // so the slow one is being answered, too
    worker.send({keelson: 'drain', graceMs: 10_000});
    expect(await busy.response()).toMatchObject({status: 200, connection: 'close', body: 'slow'});
    idle.write(get('/'));
    expect(await idle.response()).toMatchObject({status: 200, connection: 'close'});
    other.destroy();
    expect((await worker.message('drained')).reports).toMatchObject([{cut: 0}]);
    expect(await worker.exited).toEqual({code: 0, signal: null});
  });

  test('all servers of a process are drained, those on unix sockets, too', async () => {
    await using holder = await hold();
    await using directory = await testdir();
    const socketPath = directory.at('app.sock');
    const worker = holder.start('path.cjs', {SOCKET: socketPath});
    await worker.message('listening');
    worker.send({keelson: 'open'});
    await worker.message('opened');
    await until(() => /path[^]*another|another[^]*path/.test(worker.output()));
    const tcp = {host: '127.0.0.1', port: holder.port};
    const asked = [{socketPath}, {socketPath: `${socketPath}.2`}, tcp].map(async (where) => {
      const request = http.get({...where, agent: false});
      await once(request, 'socket');
      const [response] = await once(request, 'response');
      return text(response as http.IncomingMessage);
    });
    await until(async () => (await directory.list()).length === 2);
    const probe = await connect({port: holder.port});
    probe.destroy();
    worker.send({keelson: 'drain', graceMs: 10_000});
    expect(await Promise.all(asked)).toEqual(['slow', 'slow', 'slow']);
    expect(await worker.exited).toEqual({code: 0, signal: null});
    expect((await worker.message('drained')).reports).toHaveLength(3);
  });
});
