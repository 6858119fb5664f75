import {describe, expect, test} from '@jest/globals';
import {lostOf, rolling, startEveryLoad, workersOf} from './rolls.ts';

// The full counts, every framework and Node version: rolls.soak.ts.
describe('rolling restarts under every load at once', () => {
  test('a roll of two workers: every request is answered, every connection told to go', async () => {
    await using service = await rolling({framework: 'express', flags: ['--grace', '8']});
    const load = await startEveryLoad(service.port, 0.3);
    const before = await workersOf(service);
    expect(await service.control.roll({wait: true})).toMatchObject({state: 'done'});
    const after = await workersOf(service);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    const result = await load.finish();
    expect(lostOf(result)).toEqual({});
    for (const kind of ['keepAlive', 'webSocket', 'serverSentEvents'])
      expect(result[kind]!.lastOnes).toBeGreaterThan(0);
  });
});
