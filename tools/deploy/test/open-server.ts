import {cp, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect} from '@jest/globals';
import {bin, freePort, launchBin, runBin, testdir} from '@keelson/test-kit';
import type {ServerStatus} from '@keelson/deploy';

const fixture = join(import.meta.dirname, '../test/fixtures/tiny');
const deployBin = bin('deploy');

export interface Version {
  readonly version: string;
  readonly health?: number;
  readonly crash?: boolean;
}

/** A server on a root of its own, and an app's work tree beside it. */
export async function openServer() {
  const dir = await testdir({});
  const root = join(dir.path, 'srv');
  const app = join(dir.path, 'tiny');
  const port = await freePort();
  await cp(fixture, app, {recursive: true});
  const asRoot = process.getuid?.() === 0 ? ['--allow-root'] : [];
  const start = async (...more: string[]) => {
    const args = [
      'serve',
      '--root',
      root,
      '--listen',
      '127.0.0.1:0',
      '--app-port',
      String(port),
      '--bake',
      '0',
    ];
    const server = launchBin(deployBin, [...args, ...asRoot, ...more]);
    const [, url] = /receiving on (http:\S+)\/APP\.git/.exec(await server.line(/^receiving on/))!;
    return {server, url: url!};
  };
  const build = async ({version, health = 200, crash = false}: Version) => {
    const manifest = join(app, 'package.json');
    await writeFile(
      manifest,
      (await readFile(manifest, 'utf8')).replace(/"version": "[^"]+"/, `"version": "${version}"`),
    );
    if (health !== 200) await refuseSoon(manifest);
    await writeFile(join(app, 'src/behaviour.json'), JSON.stringify({health, crash}));
    const archive = join(dir.path, `tiny-${version}.tgz`);
    const built = await runBin(bin('archive-builder'), [app, '--out', archive]);
    expect({...built, stdout: ''}).toMatchObject({code: 0});
    return archive;
  };
  const push = async (url: string, version: Version) => {
    const args = [await build(version), `${url}/tiny.git`, '--token-file', join(root, '.keelson/token')];
    return runBin(bin('publisher'), args);
  };
  const page = async () =>
    (await fetch(`http://127.0.0.1:${port}/`, {headers: {connection: 'close'}})).text();
  const ask = (...argv: string[]) => runBin(deployBin, [...argv, '--root', root]);
  const status = async () => JSON.parse((await ask('status', '--json')).stdout) as ServerStatus;
  const pids = async () =>
    (await status()).apps
      .flatMap((one) => one.supervisor.generations)
      .flatMap((generation) => generation.instances)
      .flatMap((instance) => instance.workers)
      .map((worker) => worker.pid)
      .filter((pid) => pid !== undefined);
  return {dir, root, app, port, start, build, push, page, ask, status, pids};
}

/** What answers 500 is waited for until its time is over. */
async function refuseSoon(manifest: string): Promise<void> {
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace(/"timeoutMs": \d+/, '"timeoutMs": 3000'));
}
