// Where deploys come from: real repositories, a real web server, a whole deploy server.
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {mkdir, readFile, stat, writeFile} from 'node:fs/promises';
import {createServer, type RequestListener} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {bin, describeWith, expectFault, git, launchBin, testdir} from '@keelson/test-kit';
import {bring, requireIntegrity} from '../dist/origin/bring.js';
import {findCommit} from '../dist/origin/find-commit.js';
import {findPackage, splitPattern} from '../dist/origin/find-package.js';
import {cachedCommit} from '../dist/origin/vcs-cache.js';
import {openServer} from './open-server.ts';

async function web(listener: RequestListener) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    listener(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {url, asked, [Symbol.asyncDispose]: close};
}

describe('packages', () => {
  test.each([
    ['shop-1.*', {name: 'shop', versions: '1.*'}],
    ['@acme/web-shop-1.*', {name: '@acme/web-shop', versions: '1.*'}],
    ['shop@1.*', {name: 'shop', versions: '1.*'}],
    ['shop-*', {name: 'shop', versions: '*'}],
    ['shop', {name: 'shop', versions: '*'}],
    ['*', {name: undefined, versions: '*'}],
  ])('%s', (pattern, expected) => {
    expect(splitPattern(pattern)).toEqual(expected);
  });

  test('the newest file of a folder, and of a pool below it', async () => {
    await using dir = await testdir({
      'shop-1.9.0.tgz': '',
      'shop-1.10.0.tgz': '',
      'shop-2.0.0.tgz': '',
      'shop-1.99.0.tgz.sig': '',
      'shop-1.98.0.tgz/folder': '',
      'stable/shop-1.2.0.tgz': '',
    });
    const find = (pattern: string, pool?: string) =>
      findPackage({kind: 'package', pattern, repo: dir.path, pool});
    expect(await find('shop-1.*')).toMatchObject({at: {path: join(dir.path, 'shop-1.10.0.tgz')}});
    expect(await find('shop-*', 'stable')).toMatchObject({name: 'shop-1.2.0.tgz'});
    const none = await expectFault(() => find('shop-3.*'), 'SERVE_NOTHING_FOUND');
    expect(none.hint).toBe('Newest of the 3 there: shop-2.0.0.tgz.');
    await expectFault(() => find('shop-*', 'other'), 'SERVE_NOTHING_FOUND');
    await expectFault(() => find('shop-*', '../..'), 'SERVE_BAD_VALUE');
  });

  test('the newest link of a page', async () => {
    await using site = await web(({url}, response) => {
      const page = `<a href="shop-1.9.0.tgz">a</a> <a href='/pkgs/shop-1.10.0%2Bx.tgz?a=1&amp;b=2'>b</a> <a href=//x:y>c</a> <a href="../">up</a>`;
      response.statusCode = url === '/pkgs/' || url === '/pkgs/pool/' ? 200 : 404;
      response.end(url === '/pkgs/' ? page : 'shop-1.0.0.tgz\nREADME');
    });
    const find = (more: object) =>
      findPackage({kind: 'package', pattern: 'shop-1.*', repo: `${site.url}/pkgs`, ...more});
    expect(await find({})).toMatchObject({
      name: 'shop-1.10.0+x.tgz',
      at: {url: `${site.url}/pkgs/shop-1.10.0%2Bx.tgz?a=1&b=2`},
    });
    expect(await find({pool: 'pool'})).toMatchObject({at: {url: `${site.url}/pkgs/pool/shop-1.0.0.tgz`}});
    await expectFault(() => find({repo: `${site.url}/nowhere`}), 'SERVE_NOTHING_FOUND');
    await expectFault(() => find({repo: 'http://127.0.0.1:1/'}), 'SOURCE_UNREACHABLE');
  });

  test('the newest version of a registry, whose tarball has to be what the registry says', async () => {
    const tarball = Buffer.from('no tarball at all');
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    await using site = await web(({url = '', headers}, response) => {
      const dist = (version: string, hash: string) => ({
        dist: {tarball: `http://${headers.host}/t/shop-${version}.tgz`, integrity: hash},
      });
      const versions = {
        '1.9.0': dist('1.9.0', integrity),
        '1.10.0': dist('1.10.0', 'sha512-AAAA'),
        '2.0.0': dist('2.0.0', integrity),
      };
      if (url === '/npm/@acme%2fshop')
        response.end(JSON.stringify({versions, 'dist-tags': {latest: '1.9.0'}}));
      else if (url.startsWith('/t/')) response.end(tarball);
      else response.writeHead(404).end();
    });
    await using dir = await testdir({});
    const find = (more: object) =>
      findPackage({kind: 'package', pattern: '@acme/shop-1.*', repo: `${site.url}/npm/`, ...more});
    const newest = await find({});
    expect(newest).toMatchObject({name: '@acme/shop@1.10.0', integrity: 'sha512-AAAA'});
    const to = {state: join(dir.path, 'state'), folder: dir.path, onLine: () => {}};
    await expectFault(() => bring(newest, to), 'SERVE_INTEGRITY');
    expect(await find({pool: 'latest'})).toMatchObject({name: '@acme/shop@1.9.0', integrity});
    await requireIntegrity(join(dir.path, 'shop-1.10.0.tgz'), `sha1-xxx ${integrity}?foo`, 'it');
    await expectFault(() => find({pool: 'next'}), 'SERVE_NOTHING_FOUND');
    await expectFault(() => find({pattern: '@acme/shop-3.*'}), 'SERVE_NOTHING_FOUND');
    await expectFault(
      () => requireIntegrity(join(dir.path, 'shop-1.10.0.tgz'), 'sha1-xxx', 'it'),
      'SERVE_INTEGRITY',
    );
  });
});

describeWith(['git'], 'commits', () => {
  async function repository() {
    const dir = await testdir({'app/package.json': '{}'});
    const app = join(dir.path, 'app');
    await git(app, 'init', '--quiet', '--initial-branch=main');
    const commit = async (text: string, ...tags: string[]) => {
      await writeFile(join(app, 'file'), text);
      await git(app, 'add', '--all');
      await git(app, 'commit', '--quiet', '--message', text);
      for (const tag of tags) await git(app, 'tag', '--annotate', '--message', tag, tag);
      return (await git(app, 'rev-parse', 'HEAD')).trim();
    };
    return {dir, app, commit};
  }

  test('tags, branches and hashes lead to commits, which are fetched into a cache once', async () => {
    const {dir, app, commit} = await repository();
    await using _dir = dir;
    const first = await commit('one', 'v1.9.0', 'v2.0.0');
    const second = await commit('two', 'v1.10.0', 'latest');
    expect(await findCommit({kind: 'tag', pattern: 'v1.*', repo: app})).toMatchObject({
      name: 'v1.10.0',
      revision: second,
    });
    expect(await findCommit({kind: 'ref', ref: 'main', repo: app})).toMatchObject({revision: second});
    expect(await findCommit({kind: 'ref', ref: 'v2.0.0', repo: app})).toMatchObject({revision: first});
    const old = await findCommit({kind: 'ref', ref: first, repo: app});
    const cache = join(dir.path, 'cache');
    for (const found of [await findCommit({kind: 'ref', ref: 'main', repo: app}), old, old])
      expect((await cachedCommit(found, cache)).revision).toBe(found.revision);
    await expectFault(() => findCommit({kind: 'ref', ref: 'nope', repo: app}), 'SERVE_NOTHING_FOUND');
    await expectFault(() => findCommit({kind: 'tag', pattern: 'v9*', repo: app}), 'SERVE_NOTHING_FOUND');
    await expectFault(() => findCommit({kind: 'ref', ref: 'main', repo: 'x.tgz'}), 'SERVE_BAD_VALUE');
    await expectFault(
      () => findCommit({kind: 'ref', ref: 'main', repo: join(dir.path, 'none')}),
      'GIT_NOT_FOUND',
    );
    const missing = {...old, revision: 'f'.repeat(40), ref: 'f'.repeat(40)};
    await expectFault(() => cachedCommit(missing, cache), 'GIT_NOT_FOUND');
  });

  test('a followed branch is deployed, again when it moves, and what is refused is not tried again', async () => {
    const {dir, start, ask, page, app, root} = await openServer();
    await using _dir = dir;
    const {server} = await start();
    await using _server = server;
    await git(app, 'init', '--quiet', '--initial-branch=main');
    const commit = async (version: string, health = 200) => {
      const manifest = join(app, 'package.json');
      const text = await readFile(manifest, 'utf8');
      await writeFile(manifest, text.replace(/"version": "[^"]+"/, `"version": "${version}"`));
      await writeFile(join(app, 'src/behaviour.json'), JSON.stringify({health, crash: health !== 200}));
      await git(app, 'add', '--all');
      await git(app, 'commit', '--quiet', '--message', version);
      await git(app, 'tag', `v${version}`);
    };
    await commit('1.0.0');
    const from = ['--root', root, '--app', 'tiny', '--repo', app];
    const following = launchBin(bin('deploy'), ['--ref', 'main', '--follow', '0.2', ...from]);
    await using _following = following;
    await following.line(/deployed: release 1/);
    await commit('1.1.0', 500);
    await following.line(/tiny: refused: release 2 \(1\.1\.0\)/);
    await commit('1.2.0');
    await following.line(/deployed: release 3/);
    expect(await page()).toBe('tiny 1.2.0 \n');
    following.kill('SIGTERM');
    expect((await following.exited).code).toBe(0);
    expect(following.stdout.match(/refused/g)).toHaveLength(1);

    const again = await ask('--tag', 'v*', '--repo', app, '--app', 'tiny', '--json');
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      result: 'unchanged',
      release: {number: 3, version: '1.2.0'},
    });
    const older = await ask('--tag', 'v1.0*', '--repo', app, '--app', 'tiny');
    expect(older.stdout).toMatch(/^tiny: deployed: release 4 \(1\.0\.0\)/);
    const redeployed = await ask('--tag', 'v1.0*', '--repo', app, '--app', 'tiny', '--redeploy');
    expect(redeployed.stdout).toMatch(/^tiny: deployed: release 5 \(1\.0\.0\)/);

    // Another configuration is something to deploy.
    expect((await ask('config', 'set', 'tiny', 'GREETING=hi', '--no-roll')).code).toBe(0);
    const configured = await ask('--tag', 'v1.0*', '--repo', app, '--app', 'tiny');
    expect(configured.stdout).toMatch(/^tiny: deployed: release 6 \(1\.0\.0\)/);
    expect(await page()).toBe('tiny 1.0.0 hi\n');

    // The same as a package: a tarball of the sources.
    const packages = join(dir.path, 'packages');
    await mkdir(packages);
    await git(app, 'archive', '--prefix=tiny/', `--output=${join(packages, 'tiny-1.2.0.tgz')}`, 'v1.2.0');
    const taken = ['--package', 'tiny-1.*', '--repo', packages, '--app', 'tiny'];
    expect((await ask(...taken)).stdout).toMatch(/^tiny: deployed: release 7 \(1\.2\.0\)/);
    expect((await ask(...taken)).stdout).toMatch(
      /tiny-1\.2\.0\.tgz is release 7 \(1\.2\.0\), which is current already/,
    );
    expect((await stat(join(root, 'tiny/.keelson/vcs'))).mode & 0o777).toBe(0o700);
  }, 120_000);
});
