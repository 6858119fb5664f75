import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readFileSync} from 'node:fs';
import {connect} from 'node:net';
import {PassThrough} from 'node:stream';

import {describe, expect, test} from '@jest/globals';
import {createSink, createTagger, type FormatOptions} from '@keelson/log-tagger';
import {describeWith, freePort, testdir, until, type TestDirectory} from '@keelson/test-kit';

const web: FormatOptions = {tag: 'web.1', kind: 'out', now: String, fields: {pid: 17, worker: 1}};
const CERTIFICATE =
  'openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem';
const END = '<END>\n';
const TEMPLATE =
  'template(name="fields" type="string" string="%syslogfacility-text%.%syslogseverity-text%|%timestamp:::date-rfc3339%|%hostname%|%app-name%|%procid%|%msgid%|%structured-data%|%msg%<END>\\n")';

interface Rsyslogd extends AsyncDisposable {
  /** Messages as it understood them. */
  readonly received: () => string[];
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** A real rsyslogd in the foreground, of these inputs. */
async function rsyslogd(
  dir: TestDirectory,
  ready: () => Promise<boolean>,
  inputs: readonly string[],
): Promise<Rsyslogd> {
  const out = dir.at('received');
  const config = [
    `global(workDirectory="${dir.path}" parser.escapeControlCharactersOnReceive="off" net.enableDNS="off")`,
    ...inputs,
    TEMPLATE,
    `action(type="omfile" file="${out}" template="fields")`,
  ];
  await dir.write({'rsyslog.conf': `${config.join('\n')}\n`});
  let stop = async () => {};
  const daemon = {
    received: () => (existsSync(out) ? readFileSync(out, 'latin1').split(END).slice(0, -1) : []),
    async start() {
      const child = spawn(
        'sh',
        ['-c', 'exec rsyslogd -n -f "$0/rsyslog.conf" -i "$0/rsyslogd.pid"', dir.path],
        {
          stdio: 'ignore',
        },
      );
      const exited = once(child, 'exit');
      stop = async () => {
        child.kill('SIGTERM');
        await exited;
      };
      await until(ready, {what: 'rsyslogd'});
    },
    stop: () => stop(),
    [Symbol.asyncDispose]: () => stop(),
  };
  await daemon.start();
  return daemon;
}

const listens = (port: number) => async () => {
  const socket = connect(port, '127.0.0.1');
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
};

async function send(to: string, blocks: readonly string[], source = web): Promise<void> {
  const sink = createSink(to, {now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6)});
  await sink.open();
  for (const block of blocks) await sink.write(sink.format!(source).lines(block));
  await sink.close();
}

describeWith(['rsyslogd'], 'rsyslogd understands', () => {
  test('RFC 5424 over TCP, every field; any bytes; 10 000 lines in order', async () => {
    await using dir = await testdir({});
    const port = await freePort();
    await using daemon = await rsyslogd(dir, listens(port), [
      'module(load="imtcp")',
      `input(type="imtcp" port="${port}" address="127.0.0.1")`,
    ]);
    const query = 'hostname=box&app=shop&facility=local3&sd=app@32473,note=a"b]c';
    const lines = Array.from({length: 10_000}, (_, index) => `line ${index}`);
    await send(`syslog+tcp://127.0.0.1:${port}?${query}`, [
      '{"level":50}',
      'caf\xc3\xa9 \xff\t.',
      lines.join('\n'),
    ]);
    await until(() => daemon.received().length === 10_002);
    const head = String.raw`2026-01-02T03:04:05.006Z|box|shop|17|web.1|[app@32473 worker="1" note="a\"b\]c"]|`;
    const [level, bytes, ...rest] = daemon.received();
    expect(level).toBe(`local3.err|${head}{"level":50}`);
    expect(bytes).toBe(`local3.info|${head}caf\xc3\xa9 \xff\t.`);
    expect(rest).toEqual(lines.map((line) => `local3.info|${head}${line}`));
  });

  test('records with their newlines', async () => {
    await using dir = await testdir({});
    const port = await freePort();
    await using daemon = await rsyslogd(dir, listens(port), [
      'module(load="imtcp")',
      `input(type="imtcp" port="${port}" address="127.0.0.1")`,
    ]);
    const sink = createSink(`syslog+tcp://127.0.0.1:${port}`);
    await sink.open();
    await sink.write(sink.format!(web).record!('Error: x\n    at a\n    at b', false));
    await sink.close();
    await until(() => daemon.received().length === 1);
    expect(daemon.received()[0]!.split('|').slice(-1)).toEqual(['Error: x\n    at a\n    at b']);
  });

  test.each(['rfc5424', 'rfc3164'])('%s over UDP, and with newlines over TCP', async (format) => {
    await using dir = await testdir({});
    const port = await freePort();
    await using daemon = await rsyslogd(dir, listens(port), [
      'module(load="imtcp")',
      'module(load="imudp")',
      `input(type="imtcp" port="${port}" address="127.0.0.1")`,
      `input(type="imudp" port="${port}" address="127.0.0.1")`,
    ]);
    await send(`syslog+udp://127.0.0.1:${port}?hostname=box&format=${format}`, ['one\ntwo'], {
      ...web,
      kind: 'err',
    });
    await until(() => daemon.received().length === 2);
    await send(`syslog+tcp://127.0.0.1:${port}?hostname=box&framing=newline&format=${format}`, [
      'three\nfour',
    ]);
    await until(() => daemon.received().length === 4);
    const fields = daemon.received().map((one) => one.split('|'));
    expect(fields.map((one) => one[0])).toEqual(['user.err', 'user.err', 'user.info', 'user.info']);
    expect(fields.map((one) => one.slice(2, 5))).toEqual(
      Array.from({length: 4}, () => ['box', 'web.1', '17']),
    );
    // RFC 3164: the blank behind the colon belongs to the message.
    expect(fields.map((one) => one.at(-1)!.trim())).toEqual(['one', 'two', 'three', 'four']);
  });

  test('through a tagger, while it is restarted: what came before and after arrives', async () => {
    await using dir = await testdir({});
    const port = await freePort();
    await using daemon = await rsyslogd(dir, listens(port), [
      'module(load="imtcp")',
      `input(type="imtcp" port="${port}" address="127.0.0.1")`,
    ]);
    const recovered = new PassThrough();
    const tagger = createTagger({
      sink: createSink(`syslog+tcp://127.0.0.1:${port}`),
      onEvent: ({type}) => void recovered.write(`${type}\n`),
    });
    const stream = new PassThrough();
    void tagger.attach({tag: 'web.1', stream});
    stream.write('before\n');
    await until(() => daemon.received().length === 1);
    await daemon.stop();
    stream.write('while it is away\n');
    expect(String((await once(recovered, 'data'))[0])).toContain('sink-failed');
    await daemon.start();
    stream.end('after\n');
    await tagger.close();
    await until(() => daemon.received().length === 3);
    expect(daemon.received().map((one) => one.split('|').at(-1))).toEqual([
      'before',
      'while it is away',
      'after',
    ]);
  });
});

describeWith(['rsyslogd', 'openssl'], 'rsyslogd over TLS', () => {
  test('with its authority; not without, not under another name', async () => {
    await using dir = await testdir({});
    const port = await freePort();
    execFileSync('sh', ['-c', CERTIFICATE], {cwd: dir.path, stdio: 'ignore'});
    await using daemon = await rsyslogd(dir, listens(port), [
      `global(defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="${dir.at('cert.pem')}" defaultNetstreamDriverCertFile="${dir.at('cert.pem')}" defaultNetstreamDriverKeyFile="${dir.at('key.pem')}")`,
      'module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")',
      `input(type="imtcp" port="${port}" address="127.0.0.1")`,
    ]);
    const to = `syslog+tls://127.0.0.1:${port}`;
    await expect(createSink(to).open()).rejects.toMatchObject({code: 'DEPTH_ZERO_SELF_SIGNED_CERT'});
    await expect(
      createSink(`${to}?ca=${dir.at('cert.pem')}&servername=other.example`).open(),
    ).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    await expect(createSink(`${to}?ca=${dir.at('none.pem')}`).open()).rejects.toMatchObject({code: 'ENOENT'});
    await send(`${to}?ca=${dir.at('cert.pem')}`, ['safe']);
    await send(`${to}?verify=no`, ['unsafe']);
    await until(() => daemon.received().length === 2);
    expect(daemon.received().map((one) => one.split('|').at(-1))).toEqual(['safe', 'unsafe']);
  });
});

describeWith(['rsyslogd', 'logger'], 'logger(1) to the local socket', () => {
  test('each line with its severity; more than 1 KiB', async () => {
    await using dir = await testdir({});
    const socket = dir.at('log');
    await using daemon = await rsyslogd(dir, async () => existsSync(socket), [
      'module(load="imuxsock" sysSock.use="off")',
      `input(type="imuxsock" socket="${socket}")`,
    ]);
    const long = 'x'.repeat(4000);
    await send(`logger:?app=shop&facility=daemon&socket=${socket}`, [
      `hello\n{"level":50}\n<0>not ours\n${long}`,
    ]);
    await until(() => daemon.received().length === 4);
    expect(
      daemon
        .received()
        .map((one) => one.split('|'))
        .map((one) => [one[0], one[3], one.at(-1)!.trim()]),
    ).toEqual([
      ['daemon.info', 'shop', 'web.1 hello'],
      ['daemon.err', 'shop', 'web.1 {"level":50}'],
      ['daemon.crit', 'shop', 'web.1 <0>not ours'],
      ['daemon.info', 'shop', `web.1 ${long}`],
    ]);
  });
});

describeWith(['rsyslogd'], 'a datagram socket where a stream is wanted', () => {
  test('says what to write', async () => {
    await using dir = await testdir({});
    const socket = dir.at('log');
    await using _daemon = await rsyslogd(dir, async () => existsSync(socket), [
      'module(load="imuxsock" sysSock.use="off")',
      `input(type="imuxsock" socket="${socket}")`,
    ]);
    await expect(createSink(`syslog+unix:${socket}`).open()).rejects.toThrow(
      `write logger:?socket=${socket}`,
    );
  });
});

describe('where nobody listens', () => {
  test('logger: ends, and that is an error', async () => {
    await using dir = await testdir({});
    const sink = createSink(`logger:?socket=${dir.at('none')}`);
    await expect(sink.open()).rejects.toMatchObject({code: expect.stringMatching(/EPIPE|ENOENT/)});
  });
});
