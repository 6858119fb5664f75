import {mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from '@jest/globals';
import {openArchive} from '@keelson/archive';
import {parseDestination, publish, type PublishEvent} from '@keelson/publisher';
import {bin, describeWith, expectFault, freePort, runBin} from '@keelson/test-kit';
import {builtArchive} from './built-archive.ts';
import {sshd, type Sshd} from './servers/sshd.ts';

const RECEIVER = join(import.meta.dirname, '../test/fixtures/stdio-receiver.mjs');

describeWith(['/usr/sbin/sshd', 'ssh', 'sftp'], 'machines that ssh reaches', () => {
  let server: Sshd;
  let dir: Awaited<ReturnType<typeof builtArchive>>;
  beforeAll(async () => {
    server = await sshd();
    dir = await builtArchive({'big.bin': randomBytes(2_000_000)});
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await dir[Symbol.asyncDispose]();
  });
  const folder = (name: string) => {
    mkdirSync(dir.at(name));
    return dir.at(name);
  };

  test('a receiver that lost the connection is sent the rest alone', async () => {
    const at = folder('receiver');
    const events: PublishEvent[] = [];
    const result = await publish(dir.archive, parseDestination(`ssh://${server.host}/web`), {
      ssh: {command: server.command, receive: `${process.execPath} '${RECEIVER}' ${at} 500000`},
      onEvent: (event) => events.push(event),
    });
    expect(result).toMatchObject({result: 'published', revision: 'web-1', lines: ['got web 1.0.0']});
    expect(readFileSync(join(at, 'web.tgz')).equals(readFileSync(dir.archive.path))).toBe(true);
    const [first, second] = readFileSync(join(at, 'offsets'), 'utf8').split('\n').map(Number);
    expect(first).toBe(0);
    expect(second).toBeGreaterThanOrEqual(500_000);
    expect(events.filter(({type}) => type === 'publisher:failed')).toHaveLength(1);
  });

  test('a refusal is a result; a machine without a receiver says so', async () => {
    const at = folder('refusing');
    const command = server.command;
    const refused = await publish(dir.archive, parseDestination(`ssh://${server.host}/refused`), {
      ssh: {command, receive: `${process.execPath} '${RECEIVER}' ${at}`},
    });
    expect(refused).toMatchObject({result: 'refused', lines: ['not on Fridays']});
    const to = parseDestination(`ssh://${server.host}/web`);
    const fault = await expectFault(
      publish(dir.archive, to, {ssh: {command, receive: 'keelson-no-such-program'}}),
      'PUBLISHER_REMOTE',
    );
    expect(fault.hint).toContain('scp://');
    const other = await expectFault(
      publish(dir.archive, to, {ssh: {command, receive: 'echo hello'}}),
      'PUBLISHER_REMOTE',
    );
    expect(other.message).toContain('is no receiver');
  });

  test.each(['sftp', 'scp'])('%s: a command follows, finds the file, and tells its words', async (scheme) => {
    const at = folder(`${scheme} it's`);
    const to = parseDestination(`${scheme}://${server.host}${encodeURI(at)}/`);
    const events: PublishEvent[] = [];
    const ssh = {command: server.command, thenRun: 'echo "got $KEELSON_ARCHIVE"; test -s "$KEELSON_ARCHIVE"'};
    const result = await publish(dir.archive, to, {ssh, onEvent: (event) => events.push(event)});
    expect(result).toMatchObject({result: 'published', lines: [`got ${at}/web-1.0.0.tgz`]});
    expect(result.to).toEqual({
      kind: scheme,
      url: `${scheme}://${server.host}${encodeURI(at)}/web-1.0.0.tgz`,
    });
    expect(events).toContainEqual({type: 'publisher:remote', line: `got ${at}/web-1.0.0.tgz`});
    expect(readdirSync(at)).toEqual(['web-1.0.0.tgz']);
    expect(await openArchive(join(at, 'web-1.0.0.tgz'))).toMatchObject({digest: dir.archive.digest});
    writeFileSync(join(at, 'web-1.0.0.tgz'), 'other');
    expect(await publish(dir.archive, to, {ssh: {command: server.command}})).toMatchObject({
      result: 'published',
    });
    const again = await publish(dir.archive, to, {ssh: {command: server.command}});
    expect(again.result).toBe('already-published');
    const fault = await expectFault(
      publish(dir.archive, to, {ssh: {...ssh, thenRun: 'exit 7'}}),
      'PUBLISHER_THEN',
    );
    expect(fault.message).toContain('exit code 7');
  });

  test.each(['sftp', 'scp'])(
    '%s: a folder that is not there is told, and nothing is left',
    async (scheme) => {
      const to = parseDestination(`${scheme}://${server.host}${dir.at('nowhere')}/x/web.tgz`);
      const fault = await expectFault(
        publish(dir.archive, to, {ssh: {command: server.command}}),
        'PUBLISHER_REMOTE',
      );
      expect(fault.temporary).toBe(false);
      expect(fault.message).toContain('nowhere');
    },
  );

  test.each(['ssh', 'sftp', 'scp'])(
    '%s: a wrong key is no temporary failure; nobody listening is one',
    async (scheme) => {
      const path = scheme === 'ssh' ? '/web' : `${dir.path}/x.tgz`;
      const to = parseDestination(`${scheme}://nobody@${server.host.replace(/^.*@/, '')}${path}`);
      const closed = publish(dir.archive, to, {ssh: {command: server.command}});
      expect((await expectFault(closed, 'PUBLISHER_AUTH')).message).toContain('Permission denied');
      const gone = parseDestination(`${scheme}://127.0.0.1:${await freePort()}${path}`);
      const fault = await expectFault(
        publish(dir.archive, gone, {tries: 1, ssh: {command: server.command}}),
        'PUBLISHER_UNREACHABLE',
      );
      expect(fault.temporary).toBe(true);
      expect(fault.message).toContain('Connection refused');
    },
  );

  test('from the command line', async () => {
    const at = folder('command');
    const argv = [dir.archive.path, `scp://${server.host}${at}/web.tgz`, '--then', 'echo ran', '--json'];
    const result = await runBin(bin('publisher'), argv, {env: {GIT_SSH_COMMAND: server.command}});
    expect(result).toMatchObject({code: 0});
    expect(JSON.parse(result.stdout)).toMatchObject({result: 'published', lines: ['ran']});
  });
});
