import {existsSync} from 'node:fs';
import {describe, expect, test} from '@jest/globals';
import {bin, runBin, testdir} from '@keelson/test-kit';
import {appArchive} from './app-archive.ts';

const prepareBin = bin('preparer');

describe('keelson-prepare', () => {
  test('prints the folder that it made', async () => {
    await using dir = await testdir();
    await appArchive(dir);
    const named = await runBin(prepareBin, ['./app.tgz', '--into', 'x'], {cwd: dir.path});
    expect(named).toMatchObject({code: 0, stdout: `${dir.at('x')}\n`});
    const unnamed = await runBin(prepareBin, ['./app.tgz'], {cwd: dir.path});
    expect(unnamed).toMatchObject({code: 0, stdout: `${dir.at('shop-1.2.0')}\n`});
    expect(existsSync(dir.at('shop-1.2.0/Procfile'))).toBe(true);
  });

  test('takes the JSON value of an archive on stdin, and prints its own', async () => {
    await using dir = await testdir();
    const archive = await appArchive(dir);
    const result = await runBin(prepareBin, ['-', '--into', 'x', '--json'], {
      cwd: dir.path,
      input: JSON.stringify(archive),
    });
    expect(JSON.parse(result.stdout)).toMatchObject({
      kind: 'prepared',
      dir: dir.at('x'),
      digest: archive.digest,
    });
    expect(result).toMatchObject({code: 0, stderr: ''});
  });

  test('takes a folder that was not built, for a user without a home, and says what it lacks', async () => {
    const install = 'node -e \'fs.writeFileSync(process.env.HOME + "/.cache", "")\'';
    await using dir = await testdir({
      'raw/package.json': '{"name": "shop", "version": "1.0.0"}',
      'raw/Procfile': 'web: node server.js',
      'raw/node_modules/dep/package.json': JSON.stringify({
        name: 'dep',
        version: '1.0.0',
        scripts: {install},
      }),
      'none/index.html': '',
    });
    const raw = await runBin(prepareBin, ['./raw', '--json', '--allow-root'], {
      cwd: dir.path,
      env: {HOME: '/dev/null'},
    });
    expect(raw).toMatchObject({code: 0});
    expect(JSON.parse(raw.stdout)).toMatchObject({kind: 'prepared', dir: dir.at('shop-1.0.0')});
    const none = await runBin(prepareBin, ['./none'], {cwd: dir.path});
    expect(none).toMatchObject({code: 1, stdout: ''});
    expect(none.stderr).toContain('without package.json');
  });

  test('needs an archive', async () => {
    expect((await runBin(prepareBin, [])).code).toBe(2);
    const missing = await runBin(prepareBin, ['./none.tgz']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('there is no ');
  });
});
