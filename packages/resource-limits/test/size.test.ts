import {describe, expect, test} from '@jest/globals';
import {expectFault} from '@keelson/test-kit';
import fc from 'fast-check';

import {formatSize, parseSize} from '@keelson/resource-limits';

describe('parseSize', () => {
  test.each([
    ['1B', 1],
    ['1536B', 1536],
    ['564800K', 578_355_200],
    ['512M', 536_870_912],
    ['63G', 67_645_734_912],
    ['007M', 7 * 1024 ** 2],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each([
    ['12', 'it has no unit'],
    ['1.5G', 'it is not a whole number'],
    ['.5G', 'it is not a whole number'],
    ['0M', 'it is zero'],
    ['-1M', 'it has a sign'],
    ['+1M', 'it has a sign'],
    ['1g', 'its unit is not a capital letter'],
    ['512MB', 'its unit is not one of B, K, M, G'],
    ['1T', 'its unit is not one of B, K, M, G'],
    ['', 'it is not a whole number with a unit'],
    ['M', 'it is not a whole number with a unit'],
    ['1 M', 'it is not a whole number with a unit'],
    ['1M\n', 'it is not a whole number with a unit'],
    ['99999999999G', 'it is too large'],
  ])('%j is refused: %s', async (text, because) => {
    const fault = await expectFault(() => parseSize(text), 'LIMITS_SIZE');
    expect(fault.message).toBe(`"${text}" is no size: ${because}`);
    expect(fault.hint).toContain('512M');
  });
});

describe('formatSize', () => {
  test.each([
    [578_355_200, '564800K'],
    [1536, '1536B'],
    [1024 ** 3, '1G'],
    [0, '0B'],
  ])('%d is %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  test('is read back as the same number', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: Number.MAX_SAFE_INTEGER}), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
    );
  });
});
