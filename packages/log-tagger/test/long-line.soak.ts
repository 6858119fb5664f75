import {expect, test} from '@jest/globals';

import {passLongLine} from './long-line.ts';

test('a line of a gibibyte passes in bounded memory', async () => {
  expect(await passLongLine(1024)).toBeLessThan(4 * 1024 * 1024);
});
