import {resolve} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {isFault} from '@keelson/step';
import {parseSource, type Source} from '@keelson/source';
import {faultOf} from '@keelson/test-kit';
import fc from 'fast-check';

const SOURCES: readonly (readonly [string, Source])[] = [
  ['.', {kind: 'directory', path: process.cwd()}],
  ['../app', {kind: 'directory', path: resolve('../app')}],
  ['/srv/app', {kind: 'directory', path: '/srv/app'}],
  ['app', {kind: 'directory', path: resolve('app')}],
  ['my app', {kind: 'directory', path: resolve('my app')}],
  ['app-1.0.0.tgz', {kind: 'tarball', path: resolve('app-1.0.0.tgz')}],
  ['/a/b.tar.gz', {kind: 'tarball', path: '/a/b.tar.gz'}],
  ['b.tar', {kind: 'tarball', path: resolve('b.tar')}],
  ['a#1.tgz', {kind: 'tarball', path: resolve('a#1.tgz')}],
  ['.#main', {kind: 'git', url: process.cwd(), ref: 'main'}],
  ['/srv/app#v1.2.0', {kind: 'git', url: '/srv/app', ref: 'v1.2.0'}],
  ['/srv/app.git', {kind: 'git', url: '/srv/app.git'}],
  ['git+/srv/app', {kind: 'git', url: '/srv/app'}],
  ['https://git.example.com/app.git', {kind: 'git', url: 'https://git.example.com/app.git'}],
  [
    'https://git.example.com/app#feature/x',
    {kind: 'git', url: 'https://git.example.com/app', ref: 'feature/x'},
  ],
  ['https://u:p@git.example.com/app.git', {kind: 'git', url: 'https://u:p@git.example.com/app.git'}],
  ['git+https://example.com/odd.tgz', {kind: 'git', url: 'https://example.com/odd.tgz'}],
  ['git+ssh://git@host/app.git#main', {kind: 'git', url: 'ssh://git@host/app.git', ref: 'main'}],
  ['ssh://git@host:2222/app', {kind: 'git', url: 'ssh://git@host:2222/app'}],
  ['git://host/app', {kind: 'git', url: 'git://host/app'}],
  ['file:///srv/app.git', {kind: 'git', url: 'file:///srv/app.git'}],
  ['git@github.com:owner/app.git#v1', {kind: 'git', url: 'git@github.com:owner/app.git', ref: 'v1'}],
  ['github:owner/app', {kind: 'git', url: 'https://github.com/owner/app.git'}],
  ['github:owner/app#v1', {kind: 'git', url: 'https://github.com/owner/app.git', ref: 'v1'}],
  ['gitlab:owner/app#semver:^1.2', {kind: 'git', url: 'https://gitlab.com/owner/app.git', range: '^1.2'}],
  [
    'https://git.example.com/a.git#semver:>=1 <3',
    {kind: 'git', url: 'https://git.example.com/a.git', range: '>=1 <3'},
  ],
  ['/srv/app#semver:~2', {kind: 'git', url: '/srv/app', range: '~2'}],
  ['git@host:app#semver:1', {kind: 'git', url: 'git@host:app', range: '1'}],
  ['git://host/app', {kind: 'git', url: 'git://host/app'}],
  ['git://host/app#v1', {kind: 'git', url: 'git://host/app', ref: 'v1'}],
  ['https://host/app.tgz', {kind: 'http', url: 'https://host/app.tgz'}],
  ['http://u:p@host/a/app.tar.zst?x=1', {kind: 'http', url: 'http://u:p@host/a/app.tar.zst?x=1'}],
  [
    `https://host/app.tgz#sha256=${'A'.repeat(64)}`,
    {kind: 'http', url: 'https://host/app.tgz', sha256: 'a'.repeat(64)},
  ],
  [
    `https://host/latest#sha256=${'0'.repeat(64)}`,
    {kind: 'http', url: 'https://host/latest', sha256: '0'.repeat(64)},
  ],
  ['file:///srv/a%20b.tgz', {kind: 'tarball', path: '/srv/a b.tgz'}],
  ['git+file:///srv/a.tgz', {kind: 'git', url: 'file:///srv/a.tgz'}],
  ['a.tar.zst', {kind: 'tarball', path: resolve('a.tar.zst')}],
  ['file:../a.tgz', {kind: 'tarball', path: resolve('../a.tgz')}],
  ['file:/srv/app', {kind: 'directory', path: '/srv/app'}],
  ['file:app#v1', {kind: 'git', url: resolve('app'), ref: 'v1'}],
  ['git+ssh://git@host:a/b.git#v1', {kind: 'git', url: 'git@host:a/b.git', ref: 'v1'}],
  ['git+ssh://git@github.com:a/b.git', {kind: 'git', url: 'ssh://git@github.com/a/b.git'}],
  ['https://github.com/a/b/tree/v1', {kind: 'git', url: 'https://github.com/a/b.git', ref: 'v1'}],
  ['host:a/b.git', {kind: 'git', url: 'host:a/b.git'}],
  ['host:b#v1', {kind: 'git', url: 'host:b', ref: 'v1'}],
];

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['', 'SOURCE_UNKNOWN', /is no source/],
  ['  ', 'SOURCE_UNKNOWN', /is no source/],
  ['a\0b', 'SOURCE_UNKNOWN', /is no source/],
  ['ftp://host/app', 'SOURCE_UNKNOWN', /unknown scheme, ftp/],
  ['s3://bucket/app.tgz', 'SOURCE_UNKNOWN', /unknown scheme, s3/],
  ['https://host/app.tgz#sha256=abc', 'SOURCE_UNKNOWN', /64 hex digits/],
  ['https://host/app.tgz#v1', 'SOURCE_UNKNOWN', /64 hex digits/],
  ['github:owner/app#path:packages/x', 'SOURCE_UNSUPPORTED', /names a folder/],
  ['file://host/a.tgz', 'SOURCE_UNKNOWN', /is no file here/],
  ['github:owner', 'SOURCE_UNKNOWN', /is no git address/],
  ['https://host/app.git#', 'SOURCE_UNKNOWN', /no ref after the #/],
  ['/srv/app#--upload-pack=evil', 'SOURCE_UNKNOWN', /begins with a dash/],
  ['git+--upload-pack=evil', 'SOURCE_UNKNOWN', /begins with a dash/],
  ['-app', 'SOURCE_UNKNOWN', /begins with a dash/],
];

describe('parseSource', () => {
  test.each(SOURCES)('%s', (text, source) => {
    expect(parseSource(text)).toEqual(source);
  });
  test.each(REFUSED)('refuses %j', async (text, code, message) => {
    const fault = await faultOf(() => parseSource(text));
    expect(fault).toMatchObject({code, message: expect.stringMatching(message)});
    expect(fault.hint).toBeDefined();
  });
  test('any text is a source or a fault', () => {
    const part = fc.constantFrom(
      'https://',
      'ssh://',
      'git+',
      'github:',
      'u:p@',
      'host',
      '/',
      ':',
      '#',
      '.git',
      '.tgz',
      'semver:',
      '@',
      '-',
      ' ',
      '%zz',
      'sha256=',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(part, {maxLength: 8}).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (one) => {
        try {
          expect(['directory', 'tarball', 'http', 'git']).toContain(parseSource(one).kind);
        } catch (error) {
          if (!isFault(error)) throw error;
        }
      }),
      {numRuns: 500},
    );
  });

  test('does not tell the credentials of what it refuses', async () => {
    const {message} = await faultOf(() => parseSource('ftp://user:secret@host/app'));
    expect(message).not.toContain('secret');
  });
});
