import {expect, test} from '@jest/globals';
import {describeWith, testdir, until} from '@keelson/test-kit';
import {launchDemo, leftovers, processesIn} from './demo-bin.js';

// A line that shows that the chapter is under way: its heading, and for the long ones something in its midst.
const MOMENTS = [
  /^\[1\/9\]/,
  /\$ keelson build/,
  /^\[2\/9\]/,
  /\$ keelson publish .*1\.0\.0/,
  /^\[4\/9\]/,
  /\$ keelson publish .*2\.0\.0/,
  /\$ keelson publish .*3\.0\.0/,
  /\$ keelson deploy rollback/,
  /\$ keelson export/,
  /\$ keelson deploy logs/,
  /^\[9\/9\]/,
];

describeWith(['git', 'npm'], 'npm run demo, interrupted', () => {
  test.each(MOMENTS)(
    'at %s leaves no process and no folder',
    async (moment) => {
      await using dir = await testdir({});
      await using demo = launchDemo(dir, []);
      await demo.line(moment, {timeoutMs: 120_000});
      demo.kill('SIGINT');
      const {code} = await demo.exited;
      expect(code).toBe(130);
      await until(() => processesIn(dir).length === 0);
      expect(leftovers(dir)).toEqual([]);
    },
    300_000,
  );
});
