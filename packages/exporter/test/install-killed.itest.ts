import {describe, expect, test} from '@jest/globals';

import {describeKilledInstalls, install, machine, mustInstall, stateOf} from './killed-install.ts';

// Every step is the soak's.
describeKilledInstalls(4);

describe('an install that fails', () => {
  test.each([
    ['the first', [2], 'enable'],
    ['an upgrade', [2, 3], 'daemon-reload'],
    ['one of fewer', [3, 1], 'enable'],
  ])('%s %j at %s leaves everything as it was', async (_, instances, failOn) => {
    await using directory = await machine();
    const before = instances.slice(0, -1);
    if (before.length > 0) await mustInstall(directory, before);
    const state = await stateOf(directory);
    const {code, stderr} = await install(directory, [instances.at(-1)!], {failOn});
    expect([code, stderr]).toEqual([1, expect.stringContaining('SPAWN_EXIT')]);
    expect(await stateOf(directory)).toEqual(state);
  });
});
