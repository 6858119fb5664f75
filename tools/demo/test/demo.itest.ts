import {expect, test} from '@jest/globals';
import {describeWith, testdir, until} from '@keelson/test-kit';
import type {DemoReport} from '../dist/demo.js';
import {launchDemo, leftovers, processesIn, requestsOf} from './demo-bin.js';

describeWith(['git', 'npm'], 'npm run demo', () => {
  test('takes the guestbook all the way, loses no request and leaves nothing', async () => {
    await using dir = await testdir({});
    await using demo = launchDemo(dir, ['--json']);
    const {code} = await demo.exited;
    expect({code, stderr: code === 0 ? '' : demo.stderr}).toEqual({code: 0, stderr: ''});
    const report = JSON.parse(demo.stdout) as DemoReport;
    expect(report.chapters).toHaveLength(9);
    const {sent, failed} = requestsOf(report);
    expect(sent).toBeGreaterThan(100);
    expect(failed).toBe(0);
    expect(leftovers(dir)).toEqual([]);
    expect(processesIn(dir)).toEqual([]);
  }, 300_000);

  test('interrupted while it serves, it leaves nothing', async () => {
    await using dir = await testdir({});
    await using demo = launchDemo(dir, []);
    await demo.line(/answers: /, {timeoutMs: 120_000});
    demo.kill('SIGINT');
    expect((await demo.exited).code).toBe(130);
    await until(() => processesIn(dir).length === 0);
    expect(leftovers(dir)).toEqual([]);
  }, 300_000);
});
