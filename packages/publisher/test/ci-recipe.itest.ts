import {chmodSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {expect, test} from '@jest/globals';
import {openArchive, verifyTree} from '@keelson/archive';
import {bin, describeWith, git, testdir} from '@keelson/test-kit';
import {nginx} from './servers/nginx.ts';

const CI = join(import.meta.dirname, '../../../examples/ci');

describeWith(['git', 'npm', '/usr/sbin/nginx', '/usr/sbin/fcgiwrap'], 'the recipe of examples/ci', () => {
  test('builds once, stores, tests what was stored, and promotes the same digest to staging and production', async () => {
    await using web = await nginx();
    await using dir = await testdir({
      'app/package.json':
        '{"name": "web", "version": "1.0.0", "scripts": {"start": "node server.js", "test": "node server.js"}}',
      'app/server.js': 'require("node:fs").writeFileSync("../ran", "in the archive")',
      'app/package-lock.json':
        '{"name": "web", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {"": {"name": "web", "version": "1.0.0"}}}',
    });
    mkdirSync(dir.at('bin'));
    writeFileSync(dir.at('bin/keelson'), `#!/bin/sh\nexec "${process.execPath}" "${bin('keelson')}" "$@"\n`);
    chmodSync(dir.at('bin/keelson'), 0o755);
    const staging = await web.repository('staging.git');
    const production = await web.repository('production.git');
    const run = (script: string, ...args: string[]) => {
      const env = {
        ...process.env,
        PATH: `${dir.at('bin')}:${process.env['PATH']}`,
        STORE: web.store,
        NO_COLOR: '1',
      };
      return promisify(execFile)('sh', [join(CI, script), ...args], {cwd: dir.path, env});
    };
    await run('build.sh', './app');
    await run('test.sh');
    await run('promote.sh', staging, 'staging');
    await run('promote.sh', `${production}#live`, 'production');

    const value = (name: string) => JSON.parse(readFileSync(dir.at(name), 'utf8')) as {digest: string};
    const {digest} = value('archive.json');
    expect(value('stored.json')).toMatchObject({
      digest,
      to: {kind: 'http', url: `${web.store}/web-1.0.0.tgz`},
    });
    expect(readFileSync(dir.at('tested/ran'), 'utf8')).toBe('in the archive');
    expect(await openArchive(web.dir.at('store/web-1.0.0.tgz'))).toMatchObject({digest});
    for (const [name, url, branch] of [
      ['staging', staging, 'main'],
      ['production', production, 'live'],
    ] as const) {
      expect(value(`${name}.json`)).toMatchObject({digest, result: 'published', to: {url, branch}});
      await git(
        dir.path,
        'clone',
        '--quiet',
        '--config',
        'core.autocrlf=false',
        '--branch',
        branch,
        url,
        name,
      );
      await git(dir.at(name), 'rev-parse', 'HEAD');
      await promisify(execFile)('rm', ['-rf', dir.at(`${name}/.git`)]);
      expect(await verifyTree(dir.at(name))).toEqual({kind: 'verification', digest, problems: []});
    }
    // Somebody replaces what is stored: it is promoted no more.
    writeFileSync(web.dir.at('store/web-1.0.0.tgz'), 'other');
    await expect(run('promote.sh', staging, 'staging')).rejects.toMatchObject({
      stderr: expect.stringContaining('has the digest'),
    });
  });
});
