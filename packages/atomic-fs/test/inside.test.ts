import {resolve} from 'node:path';
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

  test('is the root or below it, or refuses', () => {
    const segment = fc.oneof(fc.constantFrom('..', '.', '', 'a', '..a', 'app', 'app-evil'), fc.string());
    const path = fc
      .tuple(fc.constantFrom('', '/srv/', '/'), fc.array(segment, {maxLength: 8}))
      .map(([start, segments]) => (start + segments.join('/')).replaceAll('\0', ''));
    const outcome = (text: string) => {
      try {
        return resolveInside('/srv/app', text);
      } catch {
        return 'refused';
      }
    };
    fc.assert(
      fc.property(path, (text) => {
        const absolute = resolve('/srv/app', text);
        const inside = `${absolute}/`.startsWith('/srv/app/');
        expect(outcome(text)).toBe(inside ? absolute : 'refused');
        expect(isInside('/srv/app', text)).toBe(inside);
      }),
    );
  });

  test('the root of the file system contains everything', () => {
    expect(resolveInside('/', 'etc/passwd')).toBe('/etc/passwd');
  });
});
