import {afterAll, expect, test} from '@jest/globals';
import {removeTemplate} from './app.ts';
import {expectSameBytes, MACHINES} from './machines.ts';

afterAll(removeTemplate);

test.each(MACHINES)('a machine with %s gives the same bytes', async (_title, machine) => {
  expect.hasAssertions();
  await expectSameBytes(machine);
});
