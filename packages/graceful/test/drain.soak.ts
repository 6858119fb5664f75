import {once} from 'node:events';
import http from 'node:http';
import type {AddressInfo} from 'node:net';
import {expect, test} from '@jest/globals';
import {drain, track} from '@keelson/graceful';
import {connect, get} from './raw-client.ts';

// Behind a proxy a keepAliveTimeout is often a minute, and 0 means for ever.
test.each([65_000, 0])(
  'with a keepAliveTimeout of %d ms an idle connection holds a drain for ten seconds',
  async (ms) => {
    const server = track(http.createServer((_, response) => response.end('ok'))).listen(0, '127.0.0.1');
    server.keepAliveTimeout = ms;
    await once(server, 'listening');
    const client = await connect({port: (server.address() as AddressInfo).port});
    client.write(get('/'));
    await client.response();
    const report = await drain(server, {graceMs: 25_000});
    expect(report).toMatchObject({connections: 1, cut: 0});
    expect(report.ms).toBeLessThan(15_000); // far from 65 s, and from the grace
    await client.closed;
  },
);
