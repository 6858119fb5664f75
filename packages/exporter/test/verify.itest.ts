import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {expect, test} from '@jest/globals';
import {renderUnits, verifyUnits, type ServiceModel} from '@keelson/exporter';
import {describeWith, packageRoot} from '@keelson/test-kit';

const here = packageRoot(import.meta.url);
const VALUES = JSON.parse(readFileSync(join(here, 'test/fixtures/env-values.json'), 'utf8')) as Record<
  string,
  string
>;
const env = Object.fromEntries(Object.values(VALUES).map((value, index) => [`V${index}`, value]));

function model(envStorage: 'file' | 'inline'): ServiceModel {
  return {
    schema: 1,
    name: 'shop',
    description: 'every 100% field',
    root: '/srv/my 100% shop/current',
    user: {name: 'root', group: 'root'},
    programs: {node: process.execPath},
    envStorage,
    processes: [
      {
        name: 'web',
        command: `node server.js ${Object.values(VALUES)
          .map((value) => `'${value.replace(/[\r\n]+/g, ' ').replaceAll("'", `'\\''`)}'`)
          .join(' ')}`,
        instances: 2,
        env,
        envFiles: envStorage === 'inline' ? [] : [{path: '/etc/my 100% shop.env', optional: true}],
        port: {base: 5000},
        limits: {memoryMax: 268_435_456, cpuQuota: 0.5, nofile: 4096},
        restart: {policy: 'on-failure', delayMs: 100, limit: {count: 5, withinMs: 60_000}},
        stop: {signal: 'SIGINT', timeoutMs: 1500},
        logs: {tag: 'shop.web'},
      },
      {name: 'clock', command: 'cd lib && node clock.js $PORT', restart: {policy: 'no'}, harden: 'none'},
      {name: 'job', command: 'node job.js $PORT', restart: {}},
    ],
  };
}

describeWith(['systemd-analyze'], 'systemd-analyze verify', () => {
  test.each(['file', 'inline'] as const)(
    'has nothing to say about every field and value (%s)',
    async (storage) => {
      const verification = await verifyUnits(await renderUnits('systemd', model(storage)), model(storage));
      expect(verification).toEqual({
        kind: 'verification',
        checks: [
          {name: 'read-back', result: 'passed'},
          {name: 'systemd-analyze', result: 'passed'},
        ],
        problems: [],
      });
    },
  );

  test('finds a program that is not there, and a directive that systemd does not know', async () => {
    const missing: ServiceModel = {...model('file'), programs: {node: '/none/node'}};
    const rendering = await renderUnits('systemd', missing);
    expect((await verifyUnits(rendering, missing)).problems).toContainEqual(
      'shop-web-1.service: Command /none/node is not executable: No such file or directory',
    );
    const files = rendering.files.map((file) => ({
      ...file,
      content: file.content.replace('RestartSec=', 'RestrtSec='),
    }));
    const {problems, checks} = await verifyUnits({...rendering, files}, missing);
    expect(problems.join('\n')).toContain("Unknown key 'RestrtSec' in section [Service]");
    expect(checks[1]).toEqual({name: 'systemd-analyze', result: 'failed'});
  });
});
