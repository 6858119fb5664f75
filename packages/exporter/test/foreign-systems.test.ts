import {expect, test} from '@jest/globals';
import {planAppInstall, renderUnits, type Format} from '@keelson/exporter';
import {testdir} from '@keelson/test-kit';

import {model} from './nasty.ts';

// None of them can be run here, so what their manuals say is held to.
async function rendered(format: Format): Promise<string> {
  const limits = {nofile: 1024, nproc: 100, memlock: 4096, as: 'infinity'} as const;
  const process = {
    limits,
    ioClass: 'idle',
    oomScoreAdjust: 100,
    start: {timeoutMs: 5000},
    hooks: {preStart: ['true']},
    restart: {policy: 'no'},
  } as const;
  const {files} = await renderUnits(format, model(process, {user: {name: 'www'}, sysctl: {'vm.x': '1'}}));
  return files.map(({content}) => content).join('\n');
}

test.each(['launchd', 'rc.d', 'smf'] as const)('%s starts no program that only Linux has', async (format) => {
  expect(await rendered(format)).not.toMatch(/\/proc\/|ionice|setpriv|setsid|sysctl/);
});

test.each(['launchd', 'rc.d'] as const)('%s leaves no group of root to the account', async (format) => {
  expect(await rendered(format)).toContain(
    `exec "$drop" -u 'www' -g "$(/usr/bin/id -g 'www')" -G "$(/usr/bin/id -G 'www' | /usr/bin/tr ' ' ,)" / `,
  );
});

test('macOS is asked for no limit of the address space, which it refuses, and for each other once', async () => {
  const text = await rendered('launchd');
  expect(text).toContain('<key>NumberOfFiles</key>');
  expect(text).not.toContain('ulimit');
});

test('SMF gets a program behind the exec that startd puts before it, which stays, and limits that illumos has', async () => {
  const text = await rendered('smf');
  expect(text).toMatch(/name="start" exec="\/bin\/sh -c /);
  expect(text).toContain('value="child"');
  expect(text).toContain('ulimit -H -n 1024');
  expect(text).not.toMatch(/ulimit -[lup]/);
});

test('svccfg(8) imports one manifest at a time', async () => {
  await using directory = await testdir();
  const {format, app, files} = await renderUnits('smf', model({instances: 2}));
  const {plan} = await planAppInstall({format, app, files, directory: directory.path});
  expect(plan.enable.map(({run}) => run.slice(0, 2).concat(String(run.length)))).toEqual([
    ['svccfg', 'import', '3'],
    ['svccfg', 'import', '3'],
  ]);
});

// go-units: the limits that Docker and Podman take know no `as`, and refuse the container.
test.each(['compose', 'nomad', 'quadlet'] as const)(
  '%s limits what engines of containers can limit',
  async (format) => {
    const text = await rendered(format);
    expect(text).toMatch(/nproc/);
    expect(text).not.toMatch(/\bas["']?\s*[:=]/);
  },
);
