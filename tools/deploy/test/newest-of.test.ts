import {describe, expect, test} from '@jest/globals';
import fc from 'fast-check';
import {globOf} from '../dist/origin/glob-of.js';
import {compareNames, newestOf} from '../dist/origin/newest-of.js';

// Every code point but the surrogates; fast-check's own `binary` takes a second to make its table.
const codePoint = fc
  .integer({min: 0, max: 0x10ffff - 0x800})
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

describe('the newest name that matches', () => {
  test.each<[string, string[], string | undefined]>([
    ['v1.*', ['v1.2.9', 'v1.2.10', 'v2.0.0'], 'v1.2.10'],
    ['v*', ['v1.10.0-rc1', 'v1.10.0', 'v1.9.0'], 'v1.10.0'],
    ['*', ['v1.10-rc1', 'v1.10'], 'v1.10'],
    ['*', ['1.10.0rc1', '1.10.0'], '1.10.0'],
    ['*', ['v2', 'v10'], 'v10'],
    ['*', ['v2', '1.9', '1.9.9-rc1'], 'v2'],
    ['v?', ['v2', 'v10'], 'v2'],
    ['*', ['1.9', 'v2.0'], 'v2.0'],
    [
      'shop-1.*',
      ['shop-1.9.0.tgz', 'shop-1.10.0.tgz', 'shop-2.0.0.tgz', 'shopper-1.99.0.tgz'],
      'shop-1.10.0.tgz',
    ],
    [
      'shop-*',
      ['shop-1.2.3-20260101120000.tgz', 'shop-1.2.3-20260102120000.tgz'],
      'shop-1.2.3-20260102120000.tgz',
    ],
    ['*', ['shop-CI-1.2.3-20260102120000-abc.tgz', 'shop-1.2.4.tgz', 'readme'], 'shop-1.2.4.tgz'],
    ['*', ['build-9', 'build-10'], 'build-10'],
    ['*', ['nightly', '2026-11-20', '2026-11-21'], 'nightly'],
    ['*', ['latest', 'v0.0.1'], 'v0.0.1'],
    ['v1.*', ['1.0.0'], undefined],
    ['[0-9]*', ['v9', '1', '2'], '2'],
    ['[!0-9]*', ['v9', '1'], 'v9'],
    ['*', [], undefined],
    ['a[', ['a[', 'ab'], 'a['],
    ['a.b', ['axb', 'a.b'], 'a.b'],
  ])('%s of %j is %s', (pattern, names, newest) => {
    expect(newestOf(names, pattern)).toBe(newest);
    expect(newestOf(names.toReversed(), pattern)).toBe(newest);
  });

  const name = fc.oneof(
    fc.string({unit: codePoint}),
    fc.stringMatching(/^v?\d{1,3}(\.\d{1,3}){0,3}(-?(rc|beta|\d)[.\d-]{0,4})?(\+x)?(\.tgz)?$/),
    fc.stringMatching(/^[a-c]{0,2}[-_]?\d{0,20}[-.v]?\d{0,2}\.?\d?$/),
  );

  test('is found in any names by any pattern, without an error, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(name, {minLength: 1}), fc.oneof(name, fc.string()), (names, pattern) => {
        expect(newestOf(names, pattern)).toBe(newestOf(names.toReversed(), pattern));
        expect(names).toContain(newestOf(names, '*'));
      }),
    );
  });

  test('the order is total', () => {
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNames(a, b))).toBe(-Math.sign(compareNames(b, a)) + 0);
        expect(compareNames(a, b) === 0).toBe(a === b);
        const sorted = [a, b, c].toSorted(compareNames);
        expect(compareNames(sorted[0]!, sorted[2]!)).toBeLessThanOrEqual(0);
      }),
      {numRuns: 2000},
    );
  });

  test('a name without wildcards matches itself alone', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[^*?[\]]*$/), fc.string(), (pattern, other) => {
        expect(globOf(pattern)(pattern)).toBe(true);
        expect(globOf(pattern)(other)).toBe(other === pattern);
      }),
    );
  });
});
