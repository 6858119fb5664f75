import {afterAll, expect, test} from '@jest/globals';
import {removeTemplate} from './app.ts';
import {expectNothingHalf} from './killed-build.ts';

afterAll(removeTemplate);

// Other moments are in the soak.
test('a build that is killed while it packs leaves what was under the name before, or nothing', async () => {
  expect.hasAssertions();
  await expectNothingHalf(1024 * 1024);
});
