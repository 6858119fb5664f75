// A real systemd as the runtime of deploys: its sockets, its units, its restarts; every command as a child process inside of its box.
import {cp, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from '@jest/globals';
import {
  bin,
  describeWithBox,
  runBin,
  systemdBox,
  testdir,
  type SystemdBox,
  type TestDirectory,
} from '@keelson/test-kit';

const fixture = join(import.meta.dirname, '../test/fixtures/tiny');
const PORT = 5900;

describeWithBox('keelson deploy with systemd', () => {
  let dir: TestDirectory;
  let box: SystemdBox;
  beforeAll(async () => {
    dir = await testdir({});
    box = await systemdBox({bind: [dir.path]});
  });
  afterAll(async () => {
    await box[Symbol.asyncDispose]();
    await dir[Symbol.asyncDispose]();
  });

  async function build(version: string, behaviour: object = {}): Promise<string> {
    const app = join(dir.path, 'tiny');
    await cp(fixture, app, {recursive: true});
    const manifest = join(app, 'package.json');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace(/"version": "[^"]+"/, `"version": "${version}"`));
    await writeFile(
      join(app, 'src/behaviour.json'),
      JSON.stringify({health: 200, crash: false, ...behaviour}),
    );
    await dir.write({
      'tiny/keelson.deploy.json': '{"templates": {"app.ini": "app.ini.hbs"}}',
      'tiny/app.ini.hbs': 'release={{release.number}}\n',
    });
    const archive = join(dir.path, `tiny-${version}.tgz`);
    expect(await runBin(bin('archive-builder'), [app, '--out', archive])).toMatchObject({code: 0});
    return archive;
  }
  const root = '/srv/tiny';
  const deploy = (...argv: string[]) =>
    // The umask of root on a hardened machine.
    box.run(
      ['sh', '-c', 'umask 077; exec "$0" "$@"', process.execPath, bin('deploy'), ...argv, '--root', root],
      {timeoutMs: 60_000},
    );
  const bring = (archive: string, ...more: string[]) =>
    deploy(archive, '--user', 'nobody', '--port', String(PORT), '--bake', '0', ...more);
  const page = (port = PORT) =>
    box.must(['curl', '--silent', '--fail', '--max-time', '10', `http://127.0.0.1:${port}/`]);
  /** One new connection after another, inside of the box, while something is done; how many failed. */
  const underLoad = async (work: () => Promise<unknown>): Promise<unknown> => {
    const stop = join(dir.path, `stop-${performance.now()}`);
    const loading = load(stop);
    await work();
    await writeFile(stop, '');
    return JSON.parse(await loading);
  };
  const load = (stop: string) =>
    box.must([
      process.execPath,
      '-e',
      `const {existsSync} = require('node:fs'); let failed = 0, sent = 0;
       (async () => { while (sent < 21 || !existsSync(${JSON.stringify(stop)})) { sent++;
         try { const r = await fetch('http://127.0.0.1:${PORT}/', {headers: {connection: 'close'}}); if (r.status !== 200) failed++; await r.text(); }
         catch { failed++; } }
       console.log(JSON.stringify({failed, busy: sent > 20})); })();`,
    ]);

  test('deploys, replaces without losing a request, refuses what is broken, goes back, and comes up again by itself', async () => {
    const setup = (...argv: string[]) => deploy('setup', '--environment', 'box', ...argv);
    expect(await setup('--runtime-dir', '/run')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('/run/APP'),
    });
    expect(await setup('--runtime-dir', '/run/tiny')).toMatchObject({code: 0});
    const first = await bring(await build('1.0.0'), '--group', 'games');
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('tiny: deployed: release 1 (1.0.0)'),
    });
    expect(await page()).toBe('tiny 1.0.0 \n');
    const unitOf = async (release: number) =>
      Object.values(await box.show(`keelson-tiny@${release}.service`, 'User', 'Group', 'ActiveState'));
    expect(await unitOf(1)).toEqual(expect.arrayContaining(['nobody', 'games', 'active']));
    const rendered = await box.must(['stat', '--format', '%U %a', join(root, 'current/app.ini')]);
    expect(rendered).toBe('nobody 600\n');

    // Another port, while the first takes connections.
    expect(await deploy('set', 'formation', 'web=2', 'worker=1')).toMatchObject({code: 0});
    const second = await build('2.0.0');
    const replaced = await underLoad(async () => expect(await bring(second)).toMatchObject({code: 0}));
    expect(replaced).toEqual({failed: 0, busy: true});
    expect([await page(), await page(PORT + 1)]).toEqual(['tiny 2.0.0 \n', 'tiny 2.0.0 \n']);
    expect(await unitOf(1)).toContain('inactive');
    expect(await bring(second, '--listen-addr', '::1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('answers on 127.0.0.1 as long as it runs'),
    });

    const crashing = await bring(await build('3.0.0', {crash: true}), '--group', 'tty');
    expect(crashing).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('the moon is in the wrong house'),
    });
    expect(await page()).toBe('tiny 2.0.0 \n');
    expect(await unitOf(2)).toEqual(expect.arrayContaining(['games', 'active']));
    expect(await unitOf(3)).toContain('inactive');

    expect(await deploy('config', 'set', 'GREETING=hello', '--bake', '0', '--user', 'nobody')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('config revision 1'),
    });
    const back = await underLoad(async () =>
      expect(await deploy('rollback', '1', '--bake', '0', '--user', 'nobody')).toMatchObject({code: 0}),
    );
    expect(back).toEqual({failed: 0, busy: true});
    expect(await unitOf(1)).toEqual(expect.arrayContaining(['games', 'active']));
    expect(await page()).toBe('tiny 1.0.0 \n');

    // Killed: systemd starts it again, and what came meanwhile has waited in the socket.
    await box.must(['systemctl', 'kill', '--signal=KILL', 'keelson-tiny@1.service']);
    expect(await page()).toBe('tiny 1.0.0 \n');
    // Stopped by hand, as a reboot leaves it: a connection starts what is current.
    await box.must(['systemctl', 'stop', 'keelson-tiny@1.service', 'keelson-tiny.service']);
    await box.must(['rm', '-r', '/run/tiny']);
    expect(await page()).toBe('tiny 1.0.0 \n');
    expect(
      await box.must(['systemctl', 'is-enabled', 'keelson-tiny.service', `keelson-tiny-${PORT}.socket`]),
    ).toBe('enabled\nenabled\n');

    // Stopped as asked for, a connection starts nothing.
    expect((await deploy('services', 'list')).stdout).toBe(
      `web\t1\ttcp\t127.0.0.1:${PORT}\nweb\t2\ttcp\t127.0.0.1:${PORT + 1}\nworker\t1\n`,
    );
    const reloaded = await underLoad(async () =>
      expect(await deploy('services', 'reload')).toMatchObject({
        code: 0,
        stdout: 'tiny: release 1: reloaded\n',
      }),
    );
    expect(reloaded).toEqual({failed: 0, busy: true});
    expect(await deploy('services', 'stop')).toMatchObject({code: 0, stdout: 'tiny: release 1 stopped\n'});
    await expect(page()).rejects.toThrow(/curl/);
    expect(await deploy('services', 'reload')).toMatchObject({code: 0, stdout: 'tiny: release 1: started\n'});
    expect((await deploy('status')).stdout).toMatch(/release 1 {2}open {2}web\.1/);
    expect(await page()).toBe('tiny 1.0.0 \n');
  });
});
