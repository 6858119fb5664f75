import {join, relative, resolve} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {isInside, resolveInside} from '@keelson/atomic-fs';
import {expectFault} from '@keelson/test-kit';
import fc from 'fast-check';

describe('resolveInside', () => {
  test.each([
    ['a file', 'a/b.txt', '/srv/app/a/b.txt'],
    ['the root itself', '.', '/srv/app'],
    ['an empty path', '', '/srv/app'],
    ['a detour that comes back', 'a/../b', '/srv/app/b'],
    ['a name that begins with two dots', '..b/c', '/srv/app/..b/c'],
    ['an absolute path inside', '/srv/app/x', '/srv/app/x'],
  ])('takes %s', (_title, path, expected) => {
    expect(resolveInside('/srv/app', path)).toBe(expected);
  });

  test.each([
    ['the parent', '..'],
    ['a path above', '../x'],
    ['a path above by a detour', 'a/../../x'],
    ['a neighbour whose name begins the same', '/srv/app-evil/x'],
    ['a neighbour by a relative path', '../app-evil'],
    ['an absolute path elsewhere', '/etc/passwd'],
    ['the root of the file system', '/'],
    ['a NUL', 'a\0b'],
  ])('refuses %s', async (_title, path) => {
    const fault = await expectFault(() => resolveInside('/srv/app', path), 'PATH_OUTSIDE');
    expect(fault.message).toContain('/srv/app');
  });

  test('whatever it returns is the root or begins with the root and a slash', () => {
    const segment = fc.oneof(fc.constantFrom('..', '.', '', 'a', '..a', 'app', 'app-evil'), fc.string());
    fc.assert(
      fc.property(fc.array(segment, {maxLength: 8}), fc.boolean(), (segments, absolute) => {
        const path = (absolute ? '/srv/' : '') + segments.join('/');
        const inside = !path.includes('\0') && `${resolve('/srv/app', path)}/`.startsWith('/srv/app/');
        if (!path.includes('\0')) expect(isInside('/srv/app', path)).toBe(inside);
        if (inside)
          expect(join('/srv/app', relative('/srv/app', resolveInside('/srv/app', path)))).toBe(
            resolve('/srv/app', path),
          );
        else expect(() => resolveInside('/srv/app', path)).toThrow();
      }),
    );
  });

  test('the root of the file system contains everything', () => {
    expect(resolveInside('/', 'etc/passwd')).toBe('/etc/passwd');
  });
});
