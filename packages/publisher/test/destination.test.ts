import {mkdir, rename} from 'node:fs/promises';
import {resolve} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {parseDestination} from '@keelson/publisher';
import {isFault} from '@keelson/step';
import {expectFault, gitRemote} from '@keelson/test-kit';
import fc from 'fast-check';

describe('parseDestination', () => {
  test.each([
    ['https://host/app.git', 'https://host/app.git', 'main'],
    ['https://host/app.git#live', 'https://host/app.git', 'live'],
    ['https://github.com/me/app', 'https://github.com/me/app', 'main'],
    ['https://me:t@host:8443/a/b.git#feature/x', 'https://me:t@host:8443/a/b.git', 'feature/x'],
    ['git+https://host/app.git', 'https://host/app.git', 'main'],
    ['git+ssh://git@host/app.git#x', 'ssh://git@host/app.git', 'x'],
    ['ssh://git@host:22/srv/app.git', 'ssh://git@host:22/srv/app.git', 'main'],
    ['git@github.com:me/app.git#live', 'git@github.com:me/app.git', 'live'],
    ['host:app', 'host:app', 'main'],
    ['file:///srv/app.git#live', 'file:///srv/app.git', 'live'],
    ['/srv/app.git', '/srv/app.git', 'main'],
    ['/srv/app.git/', '/srv/app.git', 'main'],
    ['./app.git#live', resolve('app.git'), 'live'],
    ['../a b/app.git', resolve('../a b/app.git'), 'main'],
    ['github:me/app#live', 'https://github.com/me/app.git', 'live'],
    ['git+ssh://git@host:me/app.git', 'git@host:me/app.git', 'main'],
    ['git+file:///srv/app', 'file:///srv/app', 'main'],
    ['file:app.git#live', resolve('app.git'), 'live'],
    ['https://host/app.git#refs/heads/live', 'https://host/app.git', 'live'],
  ])('%s is a git remote', (text, url, branch) => {
    expect(parseDestination(text)).toEqual({kind: 'git', url, branch});
  });

  test.each([
    ['app.tgz', resolve('app.tgz')],
    ['./dist/app.tar', resolve('dist/app.tar')],
    ['/srv/a#b.tgz', '/srv/a#b.tgz'],
    ['/srv/app-1.0.0', '/srv/app-1.0.0'],
    ['file:///srv/a%20b.tgz', '/srv/a b.tgz'],
    ['file:./a.tgz', resolve('a.tgz')],
    ['./no#1/', `${resolve('no#1')}/`],
  ])('%s is a file', (text, path) => {
    expect(parseDestination(text)).toEqual({kind: 'file', path});
  });

  test.each([
    ['https://host/app-1.0.0.tgz', {kind: 'http', url: 'https://host/app-1.0.0.tgz'}],
    ['https://u:p@host/a/app.tar.zst?x=1', {kind: 'http', url: 'https://u:p@host/a/app.tar.zst?x=1'}],
    ['https://store/repo/apps/', {kind: 'http', url: 'https://store/repo/apps/'}],
    ['put+http://host/web', {kind: 'http', url: 'http://host/web'}],
    ['https://host/app.git/', {kind: 'git', url: 'https://host/app.git/', branch: 'main'}],
    ['https://host/a.tgz#live', {kind: 'git', url: 'https://host/a.tgz', branch: 'live'}],
    ['ssh://deploy@host:2222/web', {kind: 'ssh', url: 'ssh://deploy@host:2222/web'}],
    ['ssh://[::1]/web', {kind: 'ssh', url: 'ssh://[::1]/web'}],
    ['git+ssh://git@host/srv/app', {kind: 'git', url: 'ssh://git@host/srv/app', branch: 'main'}],
    ['ssh://git@host/srv/app#live', {kind: 'git', url: 'ssh://git@host/srv/app', branch: 'live'}],
    ['sftp://me@host/srv/app.tgz', {kind: 'sftp', url: 'sftp://me@host/srv/app.tgz'}],
    ['scp://host:22/~/app.tgz', {kind: 'scp', url: 'scp://host:22/~/app.tgz'}],
    ['scp://host/srv/', {kind: 'scp', url: 'scp://host/srv/'}],
    ['./store/', {kind: 'file', path: `${resolve('store')}/`}],
  ])('%s', (text, destination) => {
    expect(parseDestination(text)).toEqual(destination);
  });

  test('a bare repository needs no .git at its end', async () => {
    await using remote = await gitRemote();
    const path = remote.gitDir.replace(/\.git$/, '');
    await rename(remote.gitDir, path);
    expect(parseDestination(`${path}#live`)).toEqual({kind: 'git', url: path, branch: 'live'});
    expect(parseDestination(`file://${path}`)).toEqual({kind: 'git', url: `file://${path}`, branch: 'main'});
    const tree = remote.gitDir.replace(/[^/]+$/, '');
    await mkdir(`${tree}/.git`);
    expect(parseDestination(`${tree}#live`)).toMatchObject({kind: 'git', branch: 'live'});
    expect(parseDestination(tree)).toMatchObject({kind: 'file'});
  });

  test.each([
    ['', 'is no address'],
    ['  ', 'is no address'],
    ['a\nb.git', 'is no address'],
    ['https://', 'is no URL'],
    ['ssh://host/app/x', 'names no app of a receiver'],
    ['ssh://-oProxyCommand=evil/app', 'names no app of a receiver'],
    ['ssh://host/-x', 'names no app of a receiver'],
    ['sftp://host', 'names no machine and path'],
    ['sftp://host/', 'names no machine and path'],
    ['scp://-oProxyCommand=evil/x', 'names no machine and path'],
    ['put+https://', 'is no URL'],
    ['ftp://host/app.tgz', 'a scheme that cannot be published to'],
    ['git://host/app.git', 'a scheme that cannot be published to'],
    ['s3://bucket/app.tgz', 'a scheme that cannot be published to'],
    ['ext::sh -c evil', 'a scheme'],
    ['file://host/app.git', 'host'],
    ['https://host/app.git#a..b', 'names a branch that cannot be: "a..b"'],
    ['https://host/app.git#-x', 'names a branch'],
    ['https://host/app.git#a b', 'names a branch'],
    ['https://host/app.git#x.lock', 'names a branch'],
    ['https://host/app.git#@', 'names a branch'],
    ['https://host/app.git#HEAD', 'names a branch'],
    ['https://host/app.git#refs/tags/v1', 'names a branch'],
    ['https://host/app.git#', 'names no branch'],
    ['./nothing-here#live', 'there is no repository'],
    ['github:me', 'is no git address'],
  ])('%j is refused', async (text, because) => {
    const fault = await expectFault(() => parseDestination(text), 'PUBLISHER_DESTINATION');
    expect(fault.message).toContain(because);
    expect(fault.hint).toBeDefined();
  });

  test('a refusal does not print a password', async () => {
    const fault = await expectFault(
      () => parseDestination('ftp://me:geheim@host/a.tgz'),
      'PUBLISHER_DESTINATION',
    );
    expect(fault.message).not.toContain('geheim');
  });

  test('any text is a destination or a fault', () => {
    const part = fc.constantFrom(
      'https://',
      'ssh://',
      'file://',
      'u:p@',
      'host',
      '/',
      ':',
      '#',
      '.git',
      '..',
      '@',
      '-',
      ' ',
      'ü',
      '%zz',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(part, {maxLength: 8}).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (one) => {
        try {
          expect(['git', 'file', 'http', 'ssh', 'sftp', 'scp']).toContain(parseDestination(one).kind);
        } catch (error) {
          if (!isFault(error)) throw error;
        }
      }),
      {numRuns: 500},
    );
  });
});
