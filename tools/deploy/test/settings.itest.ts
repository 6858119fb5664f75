import {readFile, stat} from 'node:fs/promises';
import {describe, expect, test} from '@jest/globals';
import {bin, runBin, testdir} from '@keelson/test-kit';

describe('settings of a deployment', () => {
  test('are set, reset and refused with the field', async () => {
    await using dir = await testdir({});
    const root = dir.at('shop');
    const ask = (...argv: string[]) => runBin(bin('deploy'), [...argv, '--root', root]);
    const settings = async () => JSON.parse(await readFile(`${root}/keelson.json`, 'utf8')) as object;
    expect(await ask('set', 'keep', '3')).toMatchObject({code: 1, stderr: expect.stringContaining('setup')});
    expect(await ask('setup', '--environment', 'staging', '--limit-memory', '256M')).toMatchObject({code: 0});
    expect(await settings()).toEqual({environment: 'staging', memory: '256M'});
    expect((await stat(`${root}/keelson.json`)).mode & 0o777).toBe(0o600);

    expect(await ask('set', 'formation', 'web=2', 'worker=0')).toMatchObject({code: 0});
    expect(await ask('set', 'action', 'migrate', '@default', 'npm run seed')).toMatchObject({code: 0});
    expect(await ask('set', 'action', 'reindex', 'node reindex.js')).toMatchObject({code: 0});
    expect(await ask('set', 'health.path', '/up')).toMatchObject({code: 0});
    expect(await settings()).toEqual({
      environment: 'staging',
      memory: '256M',
      formation: {web: 2, worker: 0},
      actions: {migrate: ['@default', 'npm run seed'], reindex: 'node reindex.js'},
      health: {path: '/up'},
    });
    expect(await ask('reset', 'formation', 'worker')).toMatchObject({code: 0});
    expect(await ask('reset', 'health.path')).toMatchObject({code: 0});
    expect(await ask('reset', 'action')).toMatchObject({code: 0});
    expect(await settings()).toEqual({environment: 'staging', memory: '256M', formation: {web: 2}});

    const before = await settings();
    const refused = await ask('set', 'memory', 'much');
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('memory: has to be a size such as 512M'),
    });
    expect(await settings()).toEqual(before);
    expect(await ask('reset')).toMatchObject({code: 0});
    expect(await settings()).toEqual({});
    expect(await ask('set', 'env', 'TOKEN=hunter2')).toMatchObject({code: 0});
    expect(await ask('config', 'show', '--origin')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^TOKEN=\[redacted\].*\n(.*\n)*# keep: 5 {2}\(default\)$/m),
    });
    expect(await ask('status')).toMatchObject({code: 0, stdout: 'shop  nothing is deployed\n'});
    const served = await runBin(bin('deploy'), ['serve', '--root', root, '--listen', '127.0.0.1:0']);
    expect(served).toMatchObject({code: 1, stderr: expect.stringContaining('is the deploy root of one app')});
    expect(await ask('diff', '1')).toMatchObject({code: 2});
  });

  test('a folder with other files is no deploy root', async () => {
    await using dir = await testdir({'home/mail.txt': ''});
    const result = await runBin(bin('deploy'), ['setup', '--root', dir.at('home')]);
    expect(result).toMatchObject({code: 1, stderr: expect.stringContaining('mail.txt')});
    expect(await dir.list('home')).toEqual(['mail.txt']);
  });

  test('unlock tells that it is free', async () => {
    await using dir = await testdir({});
    await runBin(bin('deploy'), ['setup', '--root', dir.at('shop')]);
    expect(await runBin(bin('deploy'), ['unlock', '--root', dir.at('shop')])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is free'),
    });
  });
});
