import {expect, test} from '@jest/globals';
import {exitStatus} from '@keelson/spawn';

test.each([
  [{code: 0, signal: null}, 0],
  [{code: 3, signal: null}, 3],
  [{code: null, signal: 'SIGTERM'}, 143],
  [{code: null, signal: 'SIGKILL'}, 137],
  [{code: null, signal: null}, 1],
] as const)('%j is exit status %i', (exit, status) => {
  expect(exitStatus(exit)).toBe(status);
});
