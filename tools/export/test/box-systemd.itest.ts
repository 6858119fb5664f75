import {readFile} from 'node:fs/promises';
import {join} from 'node:path';

import {afterAll, beforeAll, expect, test} from '@jest/globals';
import {bin, describeWithBox, packageRoot, systemdBox, type SystemdBox, until} from '@keelson/test-kit';

import {appIn, exportIn, mustExport, shownIn, USER, USER_ID} from './box-app.ts';
import {checkValuesAndCommands} from './check-values-and-commands.ts';

const fixture = (name: string) => readFile(join(packageRoot(import.meta.url), 'test/fixtures', name), 'utf8');

describeWithBox('units that keelson-export installs, in a real systemd', () => {
  let box: SystemdBox;
  beforeAll(async () => {
    box = await systemdBox();
  });
  afterAll(async () => box[Symbol.asyncDispose]());

  /** An installed and started app of one Procfile. */
  async function started(name: string, procfile: string, flags: readonly string[] = []) {
    const app = await appIn(box, name, {
      Procfile: procfile,
      '.env': `OUT_DIR=/tmp/out/${name}\n`,
      'hangs.mjs': await fixture('hangs.mjs'),
      'parent.mjs': await fixture('parent.mjs'),
      'package.json': '{"scripts": {"start": "node parent.mjs"}}',
      'server.mjs': await fixture('server.mjs'),
    });
    await mustExport(box, ['systemd', app.dir, '--app', name, '--user', USER, '--install', ...flags]);
    await box.must(['systemctl', 'start', `${name}.target`]);
    return app;
  }

  test('every value and every style of command arrives, every process is stopped, and nothing stays', async () => {
    expect(await checkValuesAndCommands(box)).toEqual({values: 214, commands: 45});
  }, 120_000);

  test('limits are what the kernel holds the processes to; pidfiles lie in /run, logs in a directory of their own', async () => {
    const flags = ['limits.memoryMax=134217728', 'limits.cpuQuota=0.5', 'limits.tasksMax=40'];
    const set = flags.flatMap((flag) => ['--set', `web.${flag}`]);
    const app = await started('limited', 'web: node show.mjs\nworker: node show.mjs\n', [
      ...set,
      ...'--log /var/log/limited/{process}/{n}.log --set web.pidfile=/run/limited-{n}.pid --set worker.pidfile=/run/limited/{n}.pid'.split(
        ' ',
      ),
      ...'--limit-nofile 2000 --limit-core 0 --limit-nproc 100 --set web.nice=5'.split(' '),
    ]);
    const {pid} = await shownIn(box, `${app.out}/web.1`);
    expect(await box.read('/run/limited-1.pid')).toBe(`${pid}\n`);
    expect(await box.read('/run/limited/1.pid')).toBe(`${(await shownIn(box, `${app.out}/worker.1`)).pid}\n`);
    expect(await box.must(['find', '/var/log/limited', '-type', 'f'])).toMatch(
      /^\/var\/log\/limited\/web\/1\.log$/m,
    );
    const unit = 'limited-web-1.service';
    const asked = {memoryBytes: 134_217_728, cpus: 0.5, tasks: 40};
    const held = await box.limits(unit);
    // Without the controller there is nothing to read; what systemd would set it says itself.
    for (const [name, value] of Object.entries(held))
      expect([name, value ?? asked[name as never]]).toEqual([name, asked[name as never]]);
    expect(await box.show(unit, 'MemoryMax', 'CPUQuotaPerSecUSec', 'TasksMax')).toMatchObject({
      MemoryMax: '134217728',
      CPUQuotaPerSecUSec: '500ms',
      TasksMax: '40',
    });
    const limits = await box.must(['cat', `/proc/${pid}/limits`]);
    expect(limits).toMatch(/^Max open files +2000 +2000 /m);
    expect(limits).toMatch(/^Max core file size +0 +0 /m);
    expect(limits).toMatch(/^Max processes +100 +100 /m);
    expect((await box.must(['ps', '-o', 'ni=', '-p', String(pid)])).trim()).toBe('5');
    await box.must(['systemctl', 'stop', 'limited.target']);
  });

  test('whatever stands above a program, it gets its signal, and no process is left', async () => {
    const commands = {
      main: 'node parent.mjs',
      group: 'node parent.mjs',
      shell: 'cd . && node parent.mjs',
      pipe: 'node parent.mjs | cat',
      npm: 'npm start',
    };
    const names = Object.keys(commands).sort();
    const procfile = Object.entries(commands).map(([name, command]) => `${name}: ${command}\n`);
    const set = ['all.stop.timeoutMs=500', 'main.stop.scope=main', 'group.stop.scope=group'];
    const app = await started(
      'scope',
      procfile.join(''),
      set.flatMap((one) => ['--set', one]),
    );
    await until(async () => (await app.said()).length === names.length, {timeoutMs: 30_000});
    for (const name of names)
      expect((await box.processes(`scope-${name}-1.service`)).length).toBeGreaterThan(1);
    // As the README says it: a target alone is stopped before its services have ended.
    const all = '$(systemctl show --value -p ConsistsOf scope.target)';
    await box.must(['sh', '-c', `systemctl stop scope.target ${all}`]);
    expect(await app.said()).toEqual(names.flatMap((name) => [`${name}.1`, `${name}.1.stopped`]));
    for (const name of names) expect(await box.processes(`scope-${name}-1.service`)).toEqual([]);
    expect((await box.run(['pgrep', '-u', USER])).stdout).toBe('');
  });

  test('a process that hangs is restarted by the watchdog; one that crashes for ever is restarted for ever', async () => {
    const health = JSON.stringify({kind: 'watchdog', intervalMs: 1000});
    await started('watched', 'web: node hangs.mjs\ncrash: exit 3\n', [
      '--set',
      `web.health=${health}`,
      '--set',
      'web.start.ready=notify',
      '--set',
      'all.restart.delayMs=10',
    ]);
    const unit = 'watched-web-1.service';
    const first = await box.show(unit, 'MainPID', 'NRestarts', 'ActiveState');
    expect(first).toMatchObject({NRestarts: '0', ActiveState: 'active'});
    await box.must(['kill', '-USR1', first.MainPID]);
    await until(async () => (await box.show(unit, 'NRestarts')).NRestarts === '1', {timeoutMs: 30_000});
    await until(async () => (await box.show(unit, 'ActiveState')).ActiveState === 'active', {
      timeoutMs: 30_000,
    });
    expect((await box.show(unit, 'MainPID')).MainPID).not.toBe(first.MainPID);
    expect((await box.journal(unit)).join('\n')).toMatch(/watchdog timeout/i);
    // systemd's own limit would end it after five starts.
    await until(async () => Number((await box.show('watched-crash-1.service', 'NRestarts')).NRestarts) > 8, {
      timeoutMs: 30_000,
    });
    await box.must(['systemctl', 'stop', 'watched.target']);
  });

  test('a socket that systemd holds loses no request while its service restarts', async () => {
    const sockets = JSON.stringify([{listen: '127.0.0.1:{port}'}]);
    await started('held', 'web: node server.mjs\n', ['--port', '7100', '--set', `web.sockets=${sockets}`]);
    await box.write({'/srv/requests.mjs': await fixture('requests.mjs')});
    const asking = [process.execPath, '/srv/requests.mjs', '127.0.0.1:7100', 'held-web-1.service', '4'];
    const said = JSON.parse(await box.must(asking)) as {answered: Record<string, number>; failed: unknown[]};
    expect(said.failed).toEqual([]);
    expect(Object.keys(said.answered)).toHaveLength(5);
    await box.must(['systemctl', 'stop', 'held.target']);
  });

  test('keelson-run loses no request while systemd restarts it or reloads it, with a socket or as root does', async () => {
    const procfile = 'web: node plain.cjs\n';
    const sockets = JSON.stringify([{listen: '127.0.0.1:{port}'}]);
    const app = await appIn(box, 'run', {Procfile: procfile, 'plain.cjs': await fixture('plain.cjs')});
    // The one program that has the supervisor beside it.
    const program = [process.execPath, bin('keelson'), 'export', 'systemd', app.dir, '--app', 'run'];
    const flags = ['--runner', 'supervisor', '--port', '81', '--user', USER, '--install'];
    await box.must([...program, ...flags, '--set', `web.sockets=${sockets}`]);
    await box.must(['systemctl', 'start', 'run.target', 'run-web-1.service']);
    await box.write({'/srv/requests.mjs': await fixture('requests.mjs')});
    const asking = [process.execPath, '/srv/requests.mjs', '127.0.0.1:81', 'run-web-1.service', '2'];
    const said = JSON.parse(await box.must(asking)) as {answered: Record<string, number>; failed: unknown[]};
    expect([said.failed, Object.keys(said.answered).length]).toEqual([[], 3]);
    expect((await box.show('run-web-1.service', 'StatusText')).StatusText).toBe('1/1 workers');

    // Without a socket of systemd its own port is below 1024: the capability is what it takes.
    await box.must([...program, ...flags]);
    await box.must(['systemctl', 'start', 'run-web-1.service']);
    const pid = await box.must([
      process.execPath,
      '-e',
      "fetch('http://127.0.0.1:81').then((r) => r.text()).then(console.log)",
    ]);
    expect(Number(pid)).toBeGreaterThan(0);
    await box.must([...program, '--uninstall']);
    expect((await box.run(['pgrep', '-u', USER])).stdout).toBe('');
  });

  test("a user's own manager runs an app that the user installed, and nothing of it stays", async () => {
    await box.must(['useradd', '--create-home', 'joe']);
    const uid = (await box.must(['id', '-u', 'joe'])).trim();
    await box.must(['systemctl', 'start', `user@${uid}.service`]);
    const app = await appIn(box, 'own', {Procfile: 'web: node show.mjs\n', '.env': 'OUT_DIR=/tmp/out/own\n'});
    const asJoe = {user: 'joe', env: {HOME: '/home/joe', XDG_RUNTIME_DIR: `/run/user/${uid}`}};
    const home = () => box.must(['find', '/home/joe', '-printf', '%p %y %m\\n']);
    const before = await home();
    const flags = ['--app', 'own', '--scope', 'user'];
    const program = [process.execPath, bin('export'), 'systemd', app.dir, ...flags];
    await box.must([...program, '--install'], asJoe);
    expect(await box.must([...program, '--install'], asJoe)).toMatch(/^nothing to do/);
    await box.must(['systemctl', '--user', 'start', 'own.target'], asJoe);
    expect((await shownIn(box, `${app.out}/web.1`)).uid).toBe(Number(uid));
    await box.must([...program, '--uninstall'], asJoe);
    expect((await box.run(['pgrep', '-u', 'joe', 'node'])).stdout).toBe('');
    expect(await home()).toBe(before);
  });

  test('what --root wrote is enabled when that root is booted', async () => {
    const app = await appIn(box, 'image', {Procfile: 'web: node show.mjs\n'});
    await box.must(['mkdir', '-p', '/tmp/image/etc']);
    await box.must(['cp', '/etc/passwd', '/etc/group', '/tmp/image/etc']);
    const flags = ['systemd', app.dir, '--app', 'image', '--root', '/tmp/image'];
    const before = await box.must(['find', '/tmp/image']);
    await mustExport(box, [...flags, '--user', USER, '--install']);
    expect(await box.must(['systemctl', '--root=/tmp/image', 'is-enabled', 'image.target'])).toBe(
      'enabled\n',
    );
    expect(await mustExport(box, [...flags, '--user', USER, '--install'])).toMatch(/^nothing to do/);
    await mustExport(box, [...flags, '--uninstall']);
    expect(await box.must(['find', '/tmp/image'])).toBe(before);
  });

  test('fewer instances are stopped, more are wanted; what changed runs on until it is restarted', async () => {
    const app = await started('scaled', 'web: node show.mjs\nworker: node show.mjs\n', [
      '--formation',
      'web=3,worker=1',
    ]);
    const {pid} = await shownIn(box, `${app.out}/web.1`);
    await shownIn(box, `${app.out}/web.3`);
    const fewer = [
      'systemd',
      app.dir,
      '--app',
      'scaled',
      '--user',
      USER,
      '--formation',
      'web=1',
      '--install',
    ];
    const {code, stdout} = await exportIn(box, [...fewer, '--dry-run']);
    expect([code, stdout]).toEqual([3, expect.stringContaining('\n-Wants=scaled-web-3.service\n')]);
    await mustExport(box, fewer);
    const units = await box.must(['systemctl', 'list-units', '--all', '--plain', '--no-legend', 'scaled*']);
    expect(units.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'scaled-web-1.service',
      'scaled.target',
      '',
    ]);
    expect(await box.show('scaled-web-1.service', 'MainPID')).toEqual({MainPID: String(pid)});
    await mustExport(box, [...fewer.slice(0, 4), '--uninstall']);
  });

  test('a directory whose name holds a newline and a percent', async () => {
    const app = await appIn(box, 'odd 50%\nUser=root', {
      Procfile: 'web: node show.mjs\n',
      '.env': 'OUT_DIR=/tmp/out/odd\n',
    });
    await box.must(['mkdir', '-m', '777', '-p', '/tmp/out/odd']);
    const {code, stderr} = await exportIn(box, [
      'systemd',
      app.dir,
      '--app',
      'odd',
      '--user',
      USER,
      '--install',
    ]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('control characters')]);
    const plain = await appIn(box, 'odd 50% $HOME "q"', {
      Procfile: 'web: node show.mjs\n',
      '.env': 'OUT_DIR=/tmp/out/odd\n',
    });
    await mustExport(box, ['systemd', plain.dir, '--app', 'odd', '--user', USER, '--install']);
    await box.must(['systemctl', 'start', 'odd.target']);
    const shown = await shownIn(box, '/tmp/out/odd/web.1');
    expect([shown.cwd, shown.uid]).toEqual([plain.dir, USER_ID]);
  });
});
