import {randomBytes} from 'node:crypto';
import {createServer} from 'node:http';
import {once} from 'node:events';
import type {AddressInfo} from 'node:net';
import {expect, test} from '@jest/globals';
import {publish} from '@keelson/publisher';
import {describeWith, git} from '@keelson/test-kit';
import fc from 'fast-check';
import {builtArchive} from './built-archive.ts';
import {cuttingProxy} from './servers/cutting-proxy.ts';
import {nginx} from './servers/nginx.ts';

describeWith(['git', '/usr/sbin/nginx', '/usr/sbin/fcgiwrap'], 'a push that breaks off', () => {
  test('anywhere, is tried again; the branch is never half there', async () => {
    await using web = await nginx();
    await using dir = await builtArchive({'big.bin': randomBytes(300_000)});
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({min: 150, max: 300_000}), {minLength: 1, maxLength: 2}),
        async (cuts) => {
          const name = `to-${n++}.git`;
          const url = new URL(await web.repository(name));
          await using proxy = await cuttingProxy(Number(url.port), [...cuts]);
          url.port = String(proxy.port);
          const at = web.dir.at(`git/${name}`);
          const result = await publish(
            dir.archive,
            {kind: 'git', url: url.href, branch: 'main'},
            {date: new Date(0)},
          );
          expect(['published', 'already-published']).toContain(result.result);
          expect(await git(at, 'rev-parse', 'main')).toBe(result.revision);
          expect(await git(at, 'fsck', '--strict', '--full', '--no-dangling')).toBe('');
          expect(await git(at, 'ls-tree', '-r', '--name-only', 'main')).toContain('big.bin');
        },
      ),
      {numRuns: 3},
    );
  });

  test('an HTTP server that is none of git is told as that', async () => {
    await using dir = await builtArchive();
    const server = createServer((_, response) => response.end('<html>hello</html>')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`;
    try {
      await expect(
        publish(dir.archive, {kind: 'git', url, branch: 'main'}, {tries: 1}),
      ).rejects.toMatchObject({
        code: expect.stringMatching(/^GIT_/),
      });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
