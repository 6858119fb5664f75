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
  ])('%s is a git remote', (text, url, branch) => {
    expect(parseDestination(text)).toEqual({kind: 'git', url, branch});
  });

  test.each([
    ['app.tgz', resolve('app.tgz')],
    ['./dist/app.tar', resolve('dist/app.tar')],
    ['/srv/a#b.tgz', '/srv/a#b.tgz'],
    ['/srv/app-1.0.0', '/srv/app-1.0.0'],
    ['file:///srv/a%20b.tgz', '/srv/a b.tgz'],
  ])('%s is a file', (text, path) => {
    expect(parseDestination(text)).toEqual({kind: 'file', path});
  });

  test('a bare repository needs no .git at its end', async () => {
    await using remote = await gitRemote();
    const {rename} = await import('node:fs/promises');
    const path = remote.gitDir.replace(/\.git$/, '');
    await rename(remote.gitDir, path);
    expect(parseDestination(`${path}#live`)).toEqual({kind: 'git', url: path, branch: 'live'});
    expect(parseDestination(`file://${path}`)).toEqual({kind: 'git', url: `file://${path}`, branch: 'main'});
  });

  test.each([
    ['', 'is no address'],
    ['  ', 'is no address'],
    ['a\nb.git', 'is no address'],
    ['https://', 'is no URL'],
    ['https://host/app-1.0.0.tgz', 'cannot be sent by HTTP yet'],
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
  ])('%j is refused', async (text, because) => {
    const fault = await expectFault(() => parseDestination(text), 'PUBLISHER_DESTINATION');
    expect(fault.message).toContain(because);
    expect(fault.hint).toBeDefined();
  });

  test('a refusal does not print a password', async () => {
    const fault = await expectFault(
      () => parseDestination('https://me:geheim@host/a.tgz'),
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
          expect(['git', 'file']).toContain(parseDestination(one).kind);
        } catch (error) {
          if (!isFault(error)) throw error;
        }
      }),
      {numRuns: 500},
    );
  });
});
