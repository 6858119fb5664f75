import {afterAll, expect, test} from '@jest/globals';
import {removeTemplate} from './app.ts';
import {expectNothingHalf} from './killed-build.ts';

afterAll(removeTemplate);

test.each([
  ['it has begun', /^building /],
  ['it has installed', /^installed /],
  ['it has run the script', /^ran the script /],
  ['it has pruned', /^removed what only/],
  ['the first bytes are there', 0],
] as const)(
  'a build that is killed when %s leaves what was under the name before, or nothing',
  async (...[, moment]) => {
    expect.hasAssertions();
    await expectNothingHalf(moment);
  },
);
