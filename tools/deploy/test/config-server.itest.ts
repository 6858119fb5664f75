// An app that asks a configuration server for its values itself: the server of deploys asks, too, and rolls it when the answer changes.
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {describe, expect, test} from '@jest/globals';
import {openServer} from './open-server.ts';

const TOKEN = 't0ken-of-the-app';

// What it shows was read when it started.
const app = `
const {readFileSync} = require('node:fs');
const {createServer} = require('node:http');
const {KEELSON_CONFIG_URL: url, KEELSON_CONFIG_TOKEN_FILE: file, PORT} = process.env;
const bound = Object.keys(process.env).filter((name) => /KEELSON_CONFIG|TITLE/.test(name)).sort().join();
async function main() {
  const headers = file && {authorization: 'Bearer ' + readFileSync(file, 'utf8').trim()};
  const text = url === undefined ? 'nothing' : await (await fetch(url, {headers})).text();
  if (text.includes('broken')) throw new Error('no such title');
  createServer((request, response) => response.end(text + ' ' + bound)).listen(PORT);
}
main();`;

describe('a configuration server', () => {
  test('is asked with the token; another answer rolls the release that runs', async () => {
    const answer = {status: 200, text: 'TITLE=one'};
    const http = createServer(({headers: {authorization}}, response) => {
      const status = authorization === `Bearer ${TOKEN}` ? answer.status : 401;
      response.writeHead(status).end(status === 200 ? answer.text : '');
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const config = `http://127.0.0.1:${(http.address() as AddressInfo).port}/tiny`;
    const {dir, start, push, page, ask, status} = await openServer();
    await using _dir = dir;
    await dir.write({'tiny/src/web.js': app, token: `${TOKEN}\n`, 'other-token': 'wrong'});
    const {server, url} = await start('--config-every', '1');
    await using _server = server;
    try {
      await push(url, {version: '1.0.0'});
      expect((await ask('config', 'set', 'tiny', 'TITLE=own')).code).toBe(0);
      expect(await page()).toBe('nothing TITLE');

      const follow = (token: string) =>
        ask('config', 'import', 'tiny', '--config-server', config, '--token-file', dir.at(token));
      expect(await follow('other-token')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('answered 401'),
      });
      expect(await follow('token')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('config revision 2'),
      });
      expect(await page()).toBe('TITLE=one KEELSON_CONFIG_TOKEN_FILE,KEELSON_CONFIG_URL');
      const state = async () => (await status()).apps[0]!.configServer;
      const until = async (holds: (now: Awaited<ReturnType<typeof state>>) => boolean) => {
        while (!holds(await state()));
      };
      await until((now) => now?.reader === config);

      answer.text = 'TITLE=two';
      await server.line(/tiny: its configuration has changed: release 3 rolled/);
      expect(await page()).toMatch(/^TITLE=two /);

      answer.text = 'TITLE=broken';
      await server.line(/tiny: its configuration has changed: release 3 not rolled: /);
      expect(await page()).toMatch(/^TITLE=two /);

      answer.status = 503;
      await server.line(/tiny: its configuration server cannot be asked: .*\/tiny answered 503; asked again/);
      expect((await ask('status')).stdout).toMatch(
        /tiny {2}has the configuration of http\S+\/tiny, which cannot be asked: /,
      );
      Object.assign(answer, {status: 200, text: 'TITLE=three'});
      await server.line(/tiny: its configuration server answers again/);
      await until((now) => now !== undefined && now.because === undefined);
      expect(await page()).toMatch(/^TITLE=three /);
      expect(server.stderr.match(/cannot be asked/g)).toHaveLength(1);
      expect((await status()).apps[0]!.supervisor.generations.map(({name}) => name)).toEqual(['3']);

      expect((await ask('rollback', 'tiny')).code).toBe(0);
      expect(await page()).toBe('nothing TITLE');
      await until((now) => now === undefined);
      expect(server.stderr).not.toContain(TOKEN);
    } finally {
      http.close();
      http.closeAllConnections();
    }
  }, 120_000);
});
