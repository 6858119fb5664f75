import {execFileSync} from 'node:child_process';
import {createReadStream, createWriteStream, readFileSync, writeFileSync} from 'node:fs';
import {createCipheriv} from 'node:crypto';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {afterAll, beforeAll, expect, test} from '@jest/globals';
import {bin, describeWith, testdir, type TestDirectory} from '@keelson/test-kit';
import {hashFileOf} from './hash-file-of.ts';
import {nginx, type Nginx} from './servers/nginx.ts';
import {sshd, type Sshd} from './servers/sshd.ts';

const GIB = 1024 ** 3;
const MOST_MIB = 200;

// 1 GiB that does not compress, so that nothing gets off lightly.
describeWith(
  ['git', '/usr/sbin/nginx', '/usr/sbin/fcgiwrap', '/usr/sbin/sshd', '/usr/bin/time'],
  'an archive of 1 GiB in less than 200 MiB',
  () => {
    let dir: TestDirectory;
    let web: Nginx;
    let ssh: Sshd;
    beforeAll(async () => {
      [dir, web, ssh] = [
        await testdir({'app/package.json': '{"name": "web", "version": "1.0.0"}'}),
        await nginx(),
        await sshd(),
      ];
      const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
      const zeros = Buffer.alloc(1024 * 1024);
      const noise = Array.from({length: GIB / zeros.length}, () => zeros).values();
      await pipeline(Readable.from(noise), cipher, createWriteStream(dir.at('app/big.bin')));
      writeFileSync(dir.at('measured'), '');
    }, 300_000);
    afterAll(async () => {
      for (const one of [dir, web, ssh]) await one[Symbol.asyncDispose]();
    });

    const run = (...argv: string[]) => {
      const words = [
        '-f',
        '%M',
        '-o',
        dir.at('measured'),
        process.execPath,
        bin('publisher'),
        ...argv,
        '--json',
      ];
      const env = {...process.env, GIT_SSH_COMMAND: ssh.command, TMPDIR: dir.path};
      const value = JSON.parse(execFileSync('/usr/bin/time', words, {env}).toString()) as {result: string};
      const mib = Number(readFileSync(dir.at('measured'), 'utf8').trim().split('\n').at(-1)) / 1024;
      return {result: value.result, mib};
    };

    test.each([
      ['packed from a folder to a file', () => ['./app', dir.at('web.tgz')]],
      ['by PUT', () => [dir.at('web.tgz'), `${web.store}/web.tgz`]],
      [
        'from the store to a machine',
        () => [`${web.store}/web.tgz`, `scp://${ssh.host}${dir.at('copy.tgz')}`],
      ],
      ['to git over http', () => [dir.at('app'), `${web.git}/large.git`]],
    ])(
      '%s',
      async (_, argv) => {
        process.chdir(dir.path);
        await web.repository('large.git');
        const {result, mib} = run(...argv());
        expect(result).toBe('published');
        expect(mib).toBeLessThan(MOST_MIB);
      },
      600_000,
    );

    test('what arrived is what was sent', async () => {
      expect(await hashFileOf(createReadStream(dir.at('copy.tgz')))).toBe(
        await hashFileOf(createReadStream(dir.at('web.tgz'))),
      );
    }, 300_000);
  },
);
