import {readFile} from 'node:fs/promises';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {expectFault, packageRoot, testdir} from '@keelson/test-kit';

import {parseEntryPoints, readEntryPoints} from '@keelson/resource-limits';

import {entryPointsSchema} from '../dist/entry-points-schema.js';

describe('parseEntryPoints', () => {
  test('every key', () => {
    const tuning = {
      minMemory: '64M',
      maxMemory: '1G',
      maxTotalMemory: '2G',
      connMemory: '32K',
      connFD: 8,
      memWeight: 200,
      cpuWeight: 50,
      scalable: true,
      multiCore: false,
      reloadable: true,
      maxInstances: 4,
      instances: 2,
      debugOverhead: '32M',
      debugConnOverhead: '64K',
      maxRequestSize: '1M',
      socketProtocol: 'http',
    };
    const value = {entryPoints: {web: tuning, worker: {}}};
    expect(parseEntryPoints(value)).toEqual({
      entryPoints: [{name: 'web', ...tuning}, {name: 'worker'}],
      debug: false,
    });
  });

  test.each([
    [undefined, false],
    [{}, false],
    [{type: 'prod'}, false],
    [{type: 'dev'}, true],
  ])('the environment %j means debugging: %j', (env, debug) => {
    expect(parseEntryPoints({entryPoints: {}, ...(env && {env})}).debug).toBe(debug);
  });

  test.each<[unknown, string]>([
    [[], 'f.json: the file is [], not an object'],
    [{}, 'f.json: entryPoints is missing, not an object'],
    [{entrypoints: {}}, 'f.json: the file: there is no key "entrypoints"; did you mean "entryPoints"?'],
    [{entryPoints: {}, x: 1}, 'f.json: the file: there is no key "x" (there are entryPoints, env, $schema)'],
    [
      {entryPoints: {web: {minMemroy: '64M'}}},
      'f.json: entryPoints.web: there is no key "minMemroy"; did you mean "minMemory"?',
    ],
    [
      {entryPoints: {web: {memoryWeight: 1}}},
      'f.json: entryPoints.web: there is no key "memoryWeight"; did you mean "memWeight"?',
    ],
    [{entryPoints: {web: null}}, 'f.json: entryPoints.web is null, not an object'],
    [{entryPoints: {web: {scalable: 'yes'}}}, 'f.json: entryPoints.web.scalable is "yes", not true or false'],
    [
      {entryPoints: {web: {minMemory: 64}}},
      'f.json: entryPoints.web.minMemory is 64, not a size in quotes, such as "512M"',
    ],
    [
      {entryPoints: {web: {maxMemory: '12'}}},
      'f.json: entry point "web": maxMemory: "12" is no size: it has no unit',
    ],
    [
      {entryPoints: {web: {memWeight: 0}}},
      'f.json: entry point "web": memWeight is 0, not a whole number from 1 to 1000000',
    ],
    [
      {entryPoints: {web: {instances: 2, maxInstances: 1}}},
      'f.json: entry point "web": instances 2 is more than maxInstances 1',
    ],
    [{entryPoints: {'': {}}}, 'f.json: entry point "": it has no name'],
    [{entryPoints: {}, env: {typ: 'dev'}}, 'f.json: env: there is no key "typ"; did you mean "type"?'],
    [{entryPoints: {}, env: {type: 1}}, 'f.json: env.type is 1, not a text in quotes'],
  ])('%j is refused', async (value, message) => {
    const fault = await expectFault(() => parseEntryPoints(value, {file: 'f.json'}), 'LIMITS_FILE');
    expect(fault.message).toBe(message);
  });
});

describe('readEntryPoints', () => {
  test('a file', async () => {
    await using dir = await testdir({'limits.json': '{"entryPoints": {"web": {"memWeight": 3}}}'});
    expect(await readEntryPoints(dir.at('limits.json'))).toMatchObject({
      entryPoints: [{name: 'web', memWeight: 3}],
    });
  });

  test.each([
    ['none.json', 'there is no such file'],
    ['.', 'it cannot be read (EISDIR)'],
    ['bad.json', 'it is not JSON'],
  ])('%s: %s', async (file, said) => {
    await using dir = await testdir({'bad.json': '{"entryPoints": '});
    const fault = await expectFault(readEntryPoints(dir.at(file)), 'LIMITS_FILE');
    expect(fault.message).toContain(said);
    expect(fault.message).toContain(dir.at(file));
  });
});

test('schema.json is what the keys say (else: pnpm --filter @keelson/resource-limits run schema)', async () => {
  const shipped = await readFile(join(packageRoot(import.meta.url), 'schema.json'), 'utf8');
  expect(JSON.parse(shipped)).toEqual(entryPointsSchema());
});
