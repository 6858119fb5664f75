// What an allocation says and what V8 makes of it.
import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {promisify} from 'node:util';

import {describe, expect, test} from '@jest/globals';
import {bin, runBin} from '@keelson/test-kit';

import {distribute, nodeMemory, type SharedLimits} from '@keelson/resource-limits';

const run = promisify(execFile);
const M = 1024 ** 2;
const program = join(import.meta.dirname, '../test/fixtures/heap-limit.mjs');

async function heapLimit(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const options = {env: {...process.env, NODE_OPTIONS: '', ...env}};
  const {stdout} = await run(process.execPath, [...argv], options);
  return Number(stdout) / M;
}

describe('a Node process with the flags of an allocation', () => {
  test.each([48, 128, 512, 4096])('of %d MB reports the heap limit that it was given', async (megabytes) => {
    const [share] = distribute({memoryBytes: megabytes * M, cpus: 1, files: 1024, processes: 1000}, [
      {name: 'web', minMemory: '10M', instances: 1},
    ]);
    const {heapMegabytes, semiSpaceMegabytes} = nodeMemory(share!.memoryBytes);
    const given = heapMegabytes + 3 * semiSpaceMegabytes;
    expect(given).toBeLessThan(megabytes);
    const reported = await Promise.all([
      heapLimit([...share!.nodeOptions.split(' '), program]),
      heapLimit([program], {NODE_OPTIONS: share!.nodeOptions}),
    ]);
    expect(reported).toEqual([given, given]);
  });

  test('behind the script they would do nothing', async () => {
    const {nodeOptions, heapMegabytes} = nodeMemory(256 * M);
    expect(await heapLimit([program, ...nodeOptions.split(' ')])).toBeGreaterThan(2 * heapMegabytes);
  });

  test('as keelson-limits prints them', async () => {
    const input = JSON.stringify({entryPoints: {web: {instances: 3}}});
    const {stdout} = await runBin(bin('resource-limits'), ['--memory', '1G', '--distribute', '-', '--json'], {
      input,
    });
    const {allocations} = JSON.parse(stdout) as SharedLimits;
    const {memoryBytes, heapMegabytes, nodeOptions} = allocations['web']![2]!;
    const limit = await heapLimit([program], {NODE_OPTIONS: nodeOptions});
    expect(limit).toBeGreaterThanOrEqual(heapMegabytes);
    expect(limit * M).toBeLessThan(memoryBytes);
  });
});
