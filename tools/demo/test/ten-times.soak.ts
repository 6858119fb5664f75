import {expect, test} from '@jest/globals';
import {describeWith, testdir} from '@keelson/test-kit';
import type {DemoReport} from '../dist/demo.js';
import {launchDemo, leftovers, processesIn, requestsOf} from './demo-bin.js';

const TIMES = 10;

describeWith(['git', 'npm'], 'npm run demo', () => {
  test(`${TIMES} times in a row without one failed request`, async () => {
    const totals = {sent: 0, failed: 0, seconds: [] as number[]};
    for (let time = 0; time < TIMES; time++) {
      await using dir = await testdir({});
      await using demo = launchDemo(dir, ['--json']);
      expect((await demo.exited).code).toBe(0);
      const report = JSON.parse(demo.stdout) as DemoReport;
      const {sent, failed} = requestsOf(report);
      totals.sent += sent;
      totals.failed += failed;
      totals.seconds.push(report.seconds);
      expect({left: leftovers(dir), processes: processesIn(dir)}).toEqual({left: [], processes: []});
    }
    process.stdout.write(`${TIMES} demos: ${JSON.stringify(totals)}\n`);
    expect(totals.failed).toBe(0);
  }, 1_800_000);
});
