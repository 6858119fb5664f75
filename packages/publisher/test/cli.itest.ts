import {expect, test} from '@jest/globals';
import {openArchive} from '@keelson/archive';
import {bin, describeWith, freePort, gitRemote, runBin, testdir} from '@keelson/test-kit';
import {chmodSync, writeFileSync} from 'node:fs';
import {builtArchive} from './built-archive.ts';

const program = bin('publisher');
const env = {KEELSON_TOKEN: undefined, SOURCE_DATE_EPOCH: undefined};

describeWith(['git'], 'keelson-publish', () => {
  test('publishes an archive by its path, at the date of SOURCE_DATE_EPOCH', async () => {
    await using remote = await gitRemote();
    await using dir = await builtArchive();
    const result = await runBin(program, ['./web-1.0.0.tgz', `${remote.url}#live`], {
      cwd: dir.path,
      env: {...env, SOURCE_DATE_EPOCH: '1700000000'},
    });
    expect(result).toMatchObject({code: 0, stdout: `published: web 1.0.0 → ${remote.url}#live\n`});
    expect(await remote.git('log', '--format=%s %at %ct', 'live')).toBe('web 1.0.0 1700000000 1700000000');
  });

  test('takes the value of keelson build, and prints its own', async () => {
    await using dir = await builtArchive();
    const argv = ['-', dir.at('copy.tgz'), '--json'];
    const result = await runBin(program, argv, {input: JSON.stringify(dir.archive), env});
    expect(result).toMatchObject({code: 0, stderr: ''});
    expect(JSON.parse(result.stdout)).toEqual({
      kind: 'publication',
      to: {kind: 'file', path: dir.at('copy.tgz')},
      digest: dir.archive.digest,
      revision: dir.archive.fileDigest,
      result: 'published',
      lines: [],
    });
    expect(await openArchive(dir.at('copy.tgz'))).toMatchObject({digest: dir.archive.digest});
  });

  test('several destinations in one call; one that fails does not keep the others from it', async () => {
    await using remote = await gitRemote();
    await using dir = await builtArchive();
    const argv = [
      dir.archive.path,
      remote.url,
      dir.at('store/'),
      '/nowhere/x.git',
      '/proc/x.tgz',
      dir.at('copy.tgz'),
      '--json',
    ];
    argv[2] = `${argv[2]!}/`;
    const result = await runBin(program, argv, {env});
    expect(result.code).toBe(1);
    const {kind, publications} = JSON.parse(result.stdout) as {
      kind: string;
      publications: {result: string}[];
    };
    expect(kind).toBe('publications');
    expect(publications.map((one) => one.result)).toEqual([
      'published',
      'published',
      'failed',
      'failed',
      'published',
    ]);
    expect(publications[2]).toMatchObject({error: {code: 'GIT_NOT_FOUND', temporary: false}});
    expect(publications[3]).toMatchObject({error: {code: 'ENOENT', temporary: false}});
    const gone = `http://127.0.0.1:${await freePort()}/a.tgz`;
    const later = await runBin(program, [dir.archive.path, dir.at('copy.tgz'), gone, '--tries', '1'], {env});
    expect(later).toMatchObject({
      code: 75,
      stdout: expect.stringMatching(/^already-published: .*\nfailed: /),
    });
  });

  test('takes its own value: what was published is published on, by its digest', async () => {
    await using remote = await gitRemote();
    await using dir = await builtArchive();
    const first = await runBin(program, [dir.archive.path, dir.at('store.tgz'), '--json'], {env});
    const second = await runBin(program, ['-', remote.url, '--json'], {input: first.stdout, env});
    const third = await runBin(program, ['-', dir.at('back.tgz'), '--json'], {input: second.stdout, env});
    for (const {code, stdout} of [first, second, third]) {
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({digest: dir.archive.digest, result: 'published'});
    }
    const failed = JSON.stringify({kind: 'publication', to: {kind: 'file', path: '/x'}, result: 'refused'});
    const none = await runBin(program, ['-', remote.url], {input: failed, env});
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the publication on stdin was refused'),
    });
  });

  test('a source goes out as it is, to git and to a file that is the same package', async () => {
    await using remote = await gitRemote();
    await using dir = await testdir({
      'my app/package.json': '{"name": "@me/web", "version": "2.0.0"}',
      'my app/.env': 'SECRET=1',
    });
    const result = await runBin(program, ['./my app', remote.url, './out/'], {cwd: dir.path, env});
    expect(result.code).toBe(0);
    expect(await remote.git('ls-tree', '-r', '--name-only', 'main')).toBe('package.json');
    expect(await dir.list('out')).toEqual(['me-web-2.0.0.tgz']);
  });

  test('a refusal exits 1 and shows why', async () => {
    await using remote = await gitRemote();
    await using dir = await builtArchive();
    writeFileSync(`${remote.gitDir}/hooks/pre-receive`, '#!/bin/sh\necho no room\nexit 1\n');
    chmodSync(`${remote.gitDir}/hooks/pre-receive`, 0o755);
    const result = await runBin(program, [dir.archive.path, remote.url], {env});
    expect(result).toMatchObject({code: 1, stdout: expect.stringMatching(/^refused: web 1\.0\.0/)});
    expect(result.stderr).toContain('remote: no room');
  });

  test.each([
    [['x.tgz'], 2],
    [['./web-1.0.0.tgz', 'ftp://host/x'], 1],
    [['./nope.tgz', 'x.git'], 1],
    [['./web-1.0.0.tgz', 'https://host/x.git', '--token-file', 'nope'], 1],
  ])('%j exits %i without a stack', async (argv, code) => {
    await using dir = await builtArchive();
    const result = await runBin(program, argv, {cwd: dir.path, env});
    expect(result).toMatchObject({code, stdout: ''});
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });

  test('what cannot be reached exits 75; credentials are not printed', async () => {
    await using dir = await builtArchive();
    const url = `http://me:geheim@127.0.0.1:${await freePort()}/web.git`;
    const result = await runBin(program, [dir.archive.path, url, '--tries', '1'], {
      env: {...env, KEELSON_TOKEN: 'auchgeheim'},
    });
    expect(result.code).toBe(75);
    expect(result.stdout + result.stderr).not.toContain('geheim');
    expect(result.stderr).toContain('http://127.0.0.1:');
  });
});
