import {describe, expect, test} from '@jest/globals';
import {bin, runBin} from '@keelson/test-kit';

const limits = bin('resource-limits');

describe('keelson-limits', () => {
  test('prints each limit with its source', async () => {
    const {code, stdout} = await runBin(limits, ['--memory', '512M', '--cpus', '0.5']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^memory {5}512M {9}option\ncpus {7}0\.5 {10}option\nfiles .* (?:rlimit|host)\nprocesses .*\n$/,
    );
  });

  test('--json prints the value of readLimits', async () => {
    const {stdout} = await runBin(limits, ['--memory', '1G', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'limits',
      memoryBytes: 1024 ** 3,
      source: {memory: 'option'},
    });
  });

  test('a size without a unit ends with 1 and says what to write', async () => {
    const {code, stdout, stderr} = await runBin(limits, ['--memory', '512']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('"512" is no size: it has no unit');
  });

  test('share', async () => {
    const {code, stdout} = await runBin(limits, [
      'share',
      '--memory',
      '1G',
      '--cpus',
      '2',
      'web=300',
      'worker',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^web: 2 × 376824K, 1 CPUs, \d+ connections, heap 187 MB\nworker: 2 × 147464K, 1 CPUs, \d+ connections, heap 44 MB\n$/,
    );
  });

  test.each([
    [['share'], 2, 'NAME'],
    [['share', '=3'], 1, '"=3" is not NAME'],
    [['--cpus', 'x'], 1, 'cpus: "x" is not a number'],
  ])('%j ends with %d', async (argv, code, said) => {
    const result = await runBin(limits, argv);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(said);
  });
});
