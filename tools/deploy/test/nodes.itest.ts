// The Node of a release: a registry of this test's own, whose Node is a script that calls itself 91.2.0.
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {readdir, readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {delimiter, join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {runtimeFacts, writeArchive} from '@keelson/archive';
import {deploy, nodeFolder, rollback, type Runtime, type Workload} from '@keelson/deployer';
import {run} from '@keelson/spawn';
import {expectFault, testdir} from '@keelson/test-kit';
import {nodeFor} from '../dist/node-for.js';

async function registry(versions: readonly string[], {broken = false} = {}) {
  const dir = await testdir({'package/bin/node': {mode: 0o755, content: '#!/bin/sh\necho v91.2.0\n'}});
  const file = join(dir.path, 'node.tgz');
  await run({command: 'tar', args: ['-czf', file, 'package'], cwd: dir.path});
  const tarball = await readFile(file);
  const integrity = `sha512-${createHash('sha512')
    .update(broken ? 'another' : tarball)
    .digest('base64')}`;
  const asked: string[] = [];
  const server = createServer(({url = '', headers}, response) => {
    asked.push(url);
    const dist = {tarball: `http://${headers.host}/node.tgz`, integrity};
    if (url === '/node.tgz') response.end(tarball);
    else response.end(JSON.stringify({versions: Object.fromEntries(versions.map((one) => [one, {dist}]))}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    asked,
    environment: {PATH: process.env['PATH'], HOME: dir.path, npm_config_registry: url},
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      await dir[Symbol.asyncDispose]();
    },
  };
}

const {platform, arch} = process;

describe('the Node of a release', () => {
  test('comes from the registry once, is bound to it, comes back with it, and goes with it', async () => {
    await using dir = await testdir({});
    await using npm = await registry(['90.9.0', '91.1.0', '91.2.0', '92.0.0', '91.3.0-rc.1']);
    const root = join(dir.path, 'root');
    const started: Workload[] = [];
    const runtime: Runtime<Workload> = {
      start: async (workload) => (started.push(workload), workload),
      ready: async () => ({state: 'ready'}),
      open: async () => {},
      watch: async () => ({state: 'ready'}),
      drain: async () => {},
      stop: async () => {},
      running: () => undefined,
    };
    const nodes = nodeFor(root, {environment: npm.environment});
    const to = {root, runtime, nodeFor: nodes, environment: npm.environment};
    const options = {allowRoot: true, bakeMs: 0, keep: 2};
    const bring = async (version: string, range: string) => {
      const app = await testdir({
        'package.json': JSON.stringify({name: 'shop', version, engines: {node: range}}),
        Procfile: 'web: node .\n',
      });
      await using _app = app;
      const facts = {name: 'shop', version, source: {}, builder: 'test', node: {...runtimeFacts(), range}};
      const built = {
        packageManager: {name: 'npm'},
        scripts: [],
        processTypes: ['web'],
        required: [],
        addons: [],
      } as const;
      const path = join(dir.path, `shop-${version}.tgz`);
      return deploy(await writeArchive(app.path, {to: path, facts: {...facts, ...built}}), to, options);
    };
    const nodeOnPath = () => started.at(-1)!.env['PATH']!.split(delimiter)[1];
    const own = join(nodeFolder(root, '91.2.0'), 'bin');

    expect(await bring('1.0.0', '^91.0.0')).toMatchObject({result: 'deployed', release: {node: '91.2.0'}});
    expect(nodeOnPath()).toBe(own);
    expect(npm.asked).toEqual([`/node-${platform}-${arch}`, '/node.tgz']);
    expect(await bring('1.1.0', '>=91.1 <92')).toMatchObject({release: {node: '91.2.0'}});
    expect((await bring('1.2.0', '>=20')).release.node).toBeUndefined();
    expect(nodeOnPath()).not.toBe(own);
    expect(await rollback(to, options)).toMatchObject({result: 'rolled-back', release: {version: '1.1.0'}});
    expect(nodeOnPath()).toBe(own);
    expect(npm.asked).toHaveLength(2);
    expect(await readdir(join(root, '.keelson/node'))).toEqual(['91.2.0']);

    for (const version of ['2.0.0', '2.0.1', '2.0.2']) await bring(version, '>=20');
    expect(await readdir(join(root, '.keelson/node'))).toEqual([]);
  }, 60_000);

  test.each([
    ['this one will do', '>=20', undefined],
    ['nothing is asked for', undefined, undefined],
    ['no range', 'latest and greatest', undefined],
  ])('%s: nobody is asked', async (_, range, expected) => {
    await using dir = await testdir({});
    expect(await nodeFor(dir.path, {environment: {}})(range, {})).toBe(expected);
    expect(await readdir(dir.path)).toEqual([]);
  });

  test('is refused when it is not what the registry says, or there is none, and nothing stays', async () => {
    await using dir = await testdir({});
    const ask = async (range: string, versions: string[], broken = false) => {
      await using npm = await registry(versions, {broken});
      return await nodeFor(dir.path, {environment: npm.environment})(range, {});
    };
    await expectFault(() => ask('91', ['91.2.0'], true), 'SERVE_INTEGRITY');
    await expectFault(() => ask('91', ['91.4.0']), 'SERVE_INTEGRITY'); // it says another version
    await expectFault(() => ask('93', ['91.2.0']), 'SERVE_NOTHING_FOUND');
    const old = await expectFault(() => ask('~18.2', ['18.2.1', '91.2.0']), 'SERVE_NOTHING_FOUND');
    expect(old.message).toMatch(/Keelson runs apps with/);
    expect(await readdir(join(dir.path, '.keelson/node'))).toEqual([]);
  });
});
