import {randomBytes} from 'node:crypto';
import {afterAll, beforeAll, expect, test} from '@jest/globals';
import {
  openPublishable,
  parseDestination,
  publish,
  publishToAll,
  type PublishEvent,
} from '@keelson/publisher';
import {
  bin,
  describeWith,
  expectFault,
  launchBin,
  testdir,
  type LaunchedBin,
  type TestDirectory,
} from '@keelson/test-kit';
import {builtArchive} from './built-archive.ts';
import {cuttingProxy} from './servers/cutting-proxy.ts';
import {sshd, type Sshd} from './servers/sshd.ts';

const TOKEN = 'a-token-of-this-test';

describeWith(['git', '/usr/sbin/sshd'], 'our own receiver', () => {
  let apps: TestDirectory;
  let receiver: LaunchedBin;
  let ssh: Sshd;
  let url: URL;
  beforeAll(async () => {
    apps = await testdir();
    ssh = await sshd();
    const argv = ['--apps', apps.at('apps'), '--listen', '127.0.0.1:0'];
    receiver = launchBin(bin('receiver'), argv, {env: {KEELSON_TOKEN: TOKEN}});
    url = new URL((await receiver.line(/listening on http/)).replace(/^.*listening on /, ''));
  });
  afterAll(async () => {
    receiver.kill('SIGTERM');
    await receiver.exited;
    await receiver[Symbol.asyncDispose]();
    await ssh[Symbol.asyncDispose]();
    await apps[Symbol.asyncDispose]();
  });
  const options = () => ({
    token: TOKEN,
    date: new Date(0),
    ssh: {
      command: ssh.command,
      receive: `${process.execPath} '${bin('receiver')}' --apps ${apps.at('apps')}-ssh --stdio`,
    },
  });
  const ways = (app: string) =>
    [`${url.origin}/${app}.git`, `${url.origin}/${app}-put.tgz`, `ssh://${ssh.host}/${app}-ssh`].map(
      parseDestination,
    );

  test('takes an archive by git, by PUT and by ssh, tells what it does, and has it the second time', async () => {
    await using dir = await builtArchive();
    const lines: string[] = [];
    const onEvent = (event: PublishEvent) =>
      void (event.type === 'publisher:remote' && lines.push(event.line));
    const first = await publishToAll(dir.archive, ways('web'), {...options(), onEvent});
    expect(first.publications).toMatchObject([
      {result: 'published'},
      {result: 'published'},
      {result: 'published'},
    ]);
    expect(lines.filter((line) => line.includes('web 1.0.0')).length).toBeGreaterThanOrEqual(3);
    const second = await publishToAll(dir.archive, ways('web'), options());
    expect(second.publications.map(({result}) => result)).toEqual(
      first.publications.map(() => 'already-published'),
    );
  });

  test('takes a source that is not built by git and by PUT', async () => {
    await using dir = await testdir({
      'app/package.json': '{"name": "raw", "version": "2.0.0", "scripts": {"start": "node ."}}',
    });
    await using opened = await openPublishable(dir.at('app'));
    const {publications} = await publishToAll(opened.what, ways('raw').slice(0, 2), options());
    expect(publications).toMatchObject([{result: 'published'}, {result: 'published'}]);
  });

  test('gets the rest of a PUT that broke off, and the whole of a push', async () => {
    await using dir = await builtArchive({'big.bin': randomBytes(600_000)});
    for (const path of ['/cut.tgz', '/cut.git']) {
      await using proxy = await cuttingProxy(Number(url.port), [250_000]);
      const events: PublishEvent[] = [];
      const onEvent = (event: PublishEvent) => events.push(event);
      const to = parseDestination(`http://127.0.0.1:${proxy.port}${path}`);
      expect(await publish(dir.archive, to, {...options(), onEvent})).toMatchObject({result: 'published'});
      expect(proxy.left).toEqual([]);
      expect(events.filter(({type}) => type === 'publisher:failed')).toHaveLength(1);
    }
  });

  test('a wrong token is told, and not printed', async () => {
    await using dir = await builtArchive();
    for (const [to, code] of [
      [ways('web')[0]!, 'GIT_AUTH'],
      [ways('web')[1]!, 'PUBLISHER_AUTH'],
    ] as const) {
      const fault = await expectFault(publish(dir.archive, to, {token: 'wrong-geheim'}), code);
      expect(JSON.stringify([fault.message, fault.hint, String(fault.cause)])).not.toContain('geheim');
    }
  });
});
