import {describe, expect, test} from '@jest/globals';
import {bin, runBin, testdir} from '@keelson/test-kit';

const limits = bin('resource-limits');

describe('keelson-limits', () => {
  test('prints each limit with its source', async () => {
    const {code, stdout} = await runBin(limits, ['--memory', '512M', '--cpus', '0.5']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^memory {5}512M +option\nswap .*\ncpus {7}0\.5 +option\nfiles .* (?:rlimit|host)\nprocesses .*\n$/,
    );
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
      /^web: 2 × 376824K, 1 CPU, \d+ connections, heap 187 MB\nworker: 2 × 147464K, 1 CPU, \d+ connections, heap 44 MB\n$/,
    );
  });

  const FILE = {entryPoints: {web: {memWeight: 300}, worker: {instances: 1, minMemory: '100M'}}};
  const machine = ['--memory', '1G', '--cpus', '2'];

  test('--distribute --json: one entry an instance', async () => {
    await using dir = await testdir({'limits.json': JSON.stringify(FILE)});
    const {code, stdout} = await runBin(limits, [
      ...machine,
      '--distribute',
      dir.at('limits.json'),
      '--json',
    ]);
    expect(code).toBe(0);
    const value = JSON.parse(stdout);
    expect(value).toMatchObject({
      kind: 'limits',
      memoryBytes: 1024 ** 3,
      cpus: 2,
      source: {memory: 'option'},
    });
    expect(value.allocations.web).toHaveLength(2);
    expect(value.allocations.worker).toEqual([
      {
        name: 'worker.1',
        memoryBytes: expect.any(Number),
        cpus: 1,
        maxConnections: expect.any(Number),
        maxFiles: expect.any(Number),
        threadPoolSize: 4,
        heapMegabytes: expect.any(Number),
        nodeOptions: expect.stringMatching(/^--max-old-space-size=\d+ --max-semi-space-size=\d+$/),
        reasons: expect.objectContaining({instances: 'asked for by instances'}),
      },
    ]);
  });

  test('--distribute - reads stdin', async () => {
    const input = JSON.stringify(FILE);
    const {stdout} = await runBin(limits, [...machine, '--distribute', '-'], {input});
    expect(stdout).toMatch(/\n\nweb: 2 × \d+K, 1 CPU, .*\nworker: 1 × /);
  });

  test('--explain says how each number came about', async () => {
    const input = JSON.stringify(FILE);
    const {code, stdout} = await runBin(limits, [...machine, '--explain', '--distribute', '-'], {input});
    expect(code).toBe(0);
    expect(stdout).toMatch(/^memory +1G +option +asked for$/m);
    expect(stdout).toMatch(/^files +\d+ +(rlimit|host) +\S.*$/m);
    expect(stdout).toMatch(/^web +instances +2 +one for each of 2 CPUs/m);
    expect(stdout).toMatch(
      /^web\.1…2 +memory +\d+K +\d+K \(65568K at least, the rest by memWeight 300 of 400\) \/ 2 instances$/m,
    );
    expect(stdout).toMatch(/^ +connections +\d+ +\(memory − 64M minMemory\) \/ 32K connMemory$/m);
    expect(stdout).toMatch(/^worker +instances +1 +asked for by instances$/m);
  });

  test('more files than this process may open: a warning, not on stdout', async () => {
    const input = JSON.stringify({entryPoints: {web: {connFD: 1_000_000}}});
    const {code, stdout, stderr} = await runBin(limits, [...machine, '--distribute', '-', '--json'], {input});
    expect(code).toBe(0);
    expect(JSON.parse(stdout).warnings).toEqual([expect.stringContaining('web: 14336 connections may need')]);
    expect(stderr).toContain('warning: web: 14336 connections may need 14336000000 open files');
  });

  test.each([
    [
      '{"entryPoints": {"web": {"minMemroy": "64M"}}}',
      1,
      'stdin: entryPoints.web: there is no key "minMemroy"; did you mean "minMemory"?',
    ],
    [
      '{"entryPoints": {"web": {"minMemory": "2G"}}}',
      1,
      'not enough memory for web: at least 2097184K are needed, the limit is 1G',
    ],
  ])('%s on stdin ends with %d', async (input, code, said) => {
    const result = await runBin(limits, [...machine, '--distribute', '-'], {input});
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toContain(said);
  });

  test.each([
    [['share'], 2, 'NAME'],
    [['share', '=3'], 1, '"=3" is not NAME'],
    [['--cpus', 'x'], 1, 'cpus: "x" is not a number'],
    [['--memory', '512'], 1, '"512" is no size: it has no unit'],
    [['--memory=-1M'], 1, '"-1M" is no size: it has a sign'],
    [['--distribute', '/nowhere/limits.json'], 1, '/nowhere/limits.json: there is no such file'],
  ])('%j ends with %d', async (argv, code, said) => {
    const result = await runBin(limits, argv);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(said);
  });
});
