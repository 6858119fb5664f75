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

  test.each(['flat', 'template'] as const)(
    'has nothing to say about all that a process can be (%s)',
    async (units) => {
      const everything: ServiceModel = {
        ...model('file'),
        user: {name: 'root', group: 'root', supplementary: ['adm', 'daemon']},
        sysctl: {'net.core.somaxconn': '1024'},
        target: {version: 252, units},
        processes: [
          {
            name: 'web',
            command: 'node server.js',
            instances: 2,
            port: {base: 5000},
            limits: {
              memoryHigh: 1e8,
              swapMax: 0,
              cpuWeight: 200,
              cpus: '0',
              tasksMax: 64,
              ioWeight: 200,
              nofile: {soft: 1024, hard: 'infinity'},
              nproc: 100,
              core: 'infinity',
              as: 2 ** 32,
              data: 2 ** 32,
              stack: 2 ** 23,
              memlock: 2 ** 16,
              fsize: 2 ** 30,
            },
            restart: {preventExit: [3, 4], successExit: [5]},
            start: {ready: 'notify', timeoutMs: 7000},
            reload: 'SIGHUP',
            health: {kind: 'watchdog'},
            hooks: {
              preStart: ['echo "50%" $HOME'],
              postStart: ['true'],
              preStop: ['true'],
              postStop: ['true; false'],
            },
            logs: {output: {file: '/var/log/my 100% web-{n}.log'}},
            pidfile: '/run/my "100%" $web-{n}.pid',
            umask: '027',
            nice: 5,
            ioClass: 'idle',
            oomScoreAdjust: 100,
            sockets: [{listen: '/run/web-{n}.sock', name: 'http', backlog: 5, mode: '0660'}],
            capabilities: ['CAP_NET_BIND_SERVICE'],
            harden: 'strict',
            deps: {after: ['cron'], network: 'online'},
            extra: {systemd: ['CPUSchedulingPolicy=batch']},
          },
        ],
      };
      const rendering = await renderUnits('systemd', everything);
      expect((await verifyUnits(rendering, everything)).problems).toEqual([]);
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

  test('takes advice for advice: units of nobody are started all the same', async () => {
    const nobody: ServiceModel = {...model('file'), user: {name: 'nobody'}};
    const {problems, checks} = await verifyUnits(await renderUnits('systemd', nobody), nobody);
    expect(problems).toEqual([]);
    expect(checks[1]).toEqual({
      name: 'systemd-analyze',
      result: 'passed',
      because: expect.stringMatching(/Special user nobody configured/),
    });
  });
});
