import {once} from 'node:events';
import http from 'node:http';
import {join} from 'node:path';
import {expect, test} from '@jest/globals';
import {testdir} from '@keelson/test-kit';
import {checkHealth} from '../dist/health-check.js';

test('a named path has to answer 2xx; without one `/` has to answer, and with no server error', async () => {
  await using directory = await testdir();
  const socket = join(directory.path, 's');
  const server = http.createServer((request, response) => {
    response.statusCode = Number(request.headers['host']!.split(':')[1]);
    response.end();
  });
  await once(server.listen(socket), 'listening');
  const passes = async (status: number, path: string | undefined) =>
    (await checkHealth({socket, protocol: 'http', path, port: status}, 5000)) ?? true;
  const answers = [200, 204, 302, 401, 404, 426, 500, 503];
  const named = await Promise.all(answers.map((status) => passes(status, '/up')));
  const unnamed = await Promise.all(answers.map((status) => passes(status, undefined)));
  const refused = (path: string) => (status: number) => `answered ${status} for GET ${path}`;
  expect(named).toEqual([true, true, ...answers.slice(2).map(refused('/up'))]);
  expect(unnamed).toEqual([true, true, true, true, true, true, ...answers.slice(6).map(refused('/'))]);
  server.close();
});
