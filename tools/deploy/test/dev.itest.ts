// The working copy as production would run it, followed: a real build, real processes, a real watcher.
import {cp, mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from '@jest/globals';
import {bin, freePort, launchBin, runBin, testdir} from '@keelson/test-kit';

const fixture = join(import.meta.dirname, '../test/fixtures/tiny');

test('keelson deploy dev runs the working copy, follows it, and leaves nothing', async () => {
  await using dir = await testdir({'dev.env': 'GREETING=hey\n', 'none/file': ''});
  const app = join(dir.path, 'tiny');
  const tmp = join(dir.path, 'tmp');
  await cp(fixture, app, {recursive: true});
  await mkdir(tmp);
  const port = await freePort();
  const argv = ['dev', app, '--port', String(port), '--env', join(dir.path, 'dev.env')];
  const env = {TMPDIR: tmp};
  const dev = launchBin(bin('deploy'), argv, {env});
  await using _dev = dev;
  const page = async () =>
    (await fetch(`http://127.0.0.1:${port}/`, {headers: {connection: 'close'}})).text();
  await dev.line(/dev: deployed: release 1/);
  expect(await page()).toBe('tiny 1.0.0 hey\n');

  const manifest = join(app, 'package.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace('"version": "1.0.0"', '"version": "1.1.0"'));
  await dev.line(/package\.json changed: again/);
  await dev.line(/dev: deployed: release 2 \(1\.1\.0\)/);
  expect(await page()).toBe('tiny 1.1.0 hey\n');
  await writeFile(manifest, '{');
  await dev.line(/package\.json.*; tiny runs on as it was/);
  expect(await page()).toBe('tiny 1.1.0 hey\n');

  dev.kill('SIGINT');
  expect((await dev.exited).code).toBe(0);
  expect(await readdir(tmp)).toEqual([]);
  expect(dev.stdout).toMatch(/web\.1\S* web 1\.1\.0 listens/);

  for (const [words, code, stderr] of [
    [['dev', join(dir.path, 'nothing')], 2, /there is no folder/],
    [['dev', app, '--env', 'nothing.env'], 2, /there is no file/],
    [['dev', join(dir.path, 'none')], 1, /package\.json/],
  ] as const) {
    const refused = await runBin(bin('deploy'), words, {env});
    expect(refused).toMatchObject({code, stderr: expect.stringMatching(stderr)});
    expect(refused.stderr).not.toMatch(/\n\s+at /);
  }
  expect(await readdir(tmp)).toEqual([]);
}, 90_000);
