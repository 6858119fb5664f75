import {afterAll, expect, test} from '@jest/globals';
import {removeTemplate} from './app.ts';
import {ALL_AT_ONCE, expectSameBytes} from './machines.ts';

afterAll(removeTemplate);

// One thing at a time is in the soak: it tells which it was.
test('a machine with another path, locale, time zone, umask, order of folders, times and modes gives the same bytes', async () => {
  expect(Object.keys(ALL_AT_ONCE).sort()).toEqual(['at', 'disturb', 'env', 'umask']);
  await expectSameBytes(ALL_AT_ONCE);
});
