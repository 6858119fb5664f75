import {describe, expect, test} from '@jest/globals';
import {createSink, parseSink, type SinkSpec} from '@keelson/log-tagger';
import {expectFault, faultOf} from '@keelson/test-kit';
import fc from 'fast-check';

const host = {kind: 'syslog', host: 'logs.example.org'};

describe('parseSink', () => {
  test.each<[string, object]>([
    ['stdout', {kind: 'stdout'}],
    ['-', {kind: 'stdout'}],
    ['stderr', {kind: 'stderr'}],
    ['app.log', {kind: 'file', path: 'app.log'}],
    ['./app', {kind: 'file', path: './app'}],
    ['/var/log/a b:c.log', {kind: 'file', path: '/var/log/a b:c.log'}],
    ['stdout.log', {kind: 'file', path: 'stdout.log'}],
    ['app.log?size=10M&keep=7', {kind: 'file', path: 'app.log', size: 10_485_760, keep: 7}],
    ['file:log', {kind: 'file', path: 'log'}],
    ['file:///var/log/app.log', {kind: 'file', path: '/var/log/app.log'}],
    [
      'file:/l?size=512K&every=1d&keep=0&max=1G&gzip&mode=0640',
      {
        kind: 'file',
        path: '/l',
        size: 524_288,
        every: 86_400_000,
        keep: 0,
        max: 1_073_741_824,
        gzip: true,
        mode: 0o640,
      },
    ],
    ['file:l?size=100&gzip=no', {kind: 'file', path: 'l', size: 100, gzip: false}],
    ['fifo:/run/app.fifo?wait=30s', {kind: 'fifo', path: '/run/app.fifo', wait: 30_000}],
    ['syslog+udp://logs.example.org', {...host, transport: 'udp'}],
    ['syslog+tcp://logs.example.org:514/', {...host, transport: 'tcp', port: 514}],
    ['syslog+udp://[::1]:5140', {kind: 'syslog', transport: 'udp', host: '::1', port: 5140}],
    [
      'syslog+tls://logs.example.org:6514?ca=/etc/ca.pem&verify=no&servername=x&facility=local3&app=shop&format=rfc5424',
      {
        ...host,
        transport: 'tls',
        port: 6514,
        ca: '/etc/ca.pem',
        verify: false,
        servername: 'x',
        facility: 'local3',
        app: 'shop',
        format: 'rfc5424',
      },
    ],
    [
      'syslog+unix:/run/log.sock?framing=octet',
      {kind: 'syslog', transport: 'unix', path: '/run/log.sock', framing: 'octet'},
    ],
    [
      'syslog+udp://logs.example.org?sd=app@32473,env=a%2Cb%20c,dc=eu%3D1&length=1K',
      {...host, transport: 'udp', length: 1024, sd: {id: 'app@32473', params: {env: 'a,b c', dc: 'eu=1'}}},
    ],
    ['logger:', {kind: 'logger'}],
    ['logger', {kind: 'logger'}],
    ['logger:?facility=daemon&app=shop', {kind: 'logger', facility: 'daemon', app: 'shop'}],
    ['journald:?app=shop', {kind: 'journald', app: 'shop'}],
    ['|grep -v "a?b=c" >x', {kind: 'command', command: 'grep -v "a?b=c" >x'}],
    ['command:gzip >x?y.gz', {kind: 'command', command: 'gzip >x?y.gz'}],
  ])('%s', (text, spec) => {
    expect(parseSink(text)).toEqual(spec);
  });

  test.each([
    ['stdot', 'stdot', 'Did you mean stdout?'],
    ['sylog+udp://h', 'sylog', 'Did you mean syslog+udp?'],
    ['', 'no place', '|COMMAND'],
    ['http://user:secret@h/x', 'no place', 'Known are'],
    ['file:', 'a path is missing', 'file:PATH'],
    ['file://host/x', 'names a machine', 'file:PATH'],
    ['logs/', 'names a directory', 'logs/NAME'],
    ['syslog+udp://h?length=100K', '65507', ''],
    ['file:x?szie=1M', '"szie"', 'Did you mean size?'],
    ['file:x?colour=1M', '"colour"', 'size, every, keep, max, gzip, mode'],
    ['file:x?size=1M&size=2M', 'size is given twice', ''],
    ['file:x?size=ten', 'a size such as', ''],
    ['file:x?size=0', 'a size such as', ''],
    ['file:x?size=1M&every=1w', 'a time such as', ''],
    ['file:x?size=1M&gzip=maybe', 'yes or no', ''],
    ['file:x?mode=rw', 'octal', ''],
    ['file:x?size=%', 'percent-encoded', ''],
    ['stdout?x=1', '"x"', 'takes no settings'],
    ['stdout:x', 'takes no "x"', ''],
    ['syslog+udp:h', 'syslog+udp://HOST:PORT', ''],
    ['syslog+udp://', 'syslog+udp://HOST:PORT', ''],
    ['syslog+udp://h/path', 'syslog+udp://HOST:PORT', ''],
    ['syslog+tcp://user:secret@h:514', 'no user', ''],
    ['syslog+tcp://h?facility=locl0', 'one of kern', ''],
    ['syslog+udp://h?ca=x', '"ca"', ''],
    ['syslog+udp://h?sd=a b', 'ID', ''],
    ['syslog+udp://h?sd=a@1,b', 'ID', ''],
    ['syslog+udp://h?length=100', 'from 480', ''],
    ['|  ', 'a command is missing', ''],
  ])('%s is refused', async (text, message, hint) => {
    const fault = await expectFault(() => createSink(text), 'TAGGER_SINK_INVALID');
    expect(fault.message).toContain(message);
    expect(fault.hint ?? '').toContain(hint);
    expect(`${fault.message} ${fault.hint}`).not.toContain('secret');
  });

  test('whatever the text: a spec, or TAGGER_SINK_INVALID', async () => {
    const some = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('file:x', 'syslog+udp://h', 'fifo:', 'logger:', '|'), fc.string())
        .map(([a, b]) => `${a}?${b}`),
    );
    await fc.assert(
      fc.asyncProperty(some, async (text) => {
        const outcome = await faultOf(() => parseSink(text)).catch(() => parseSink(text));
        expect('code' in outcome ? outcome.code : outcome.kind).toMatch(/^TAGGER_SINK_INVALID$|^[a-z]+$/);
      }),
      {numRuns: 500},
    );
  });
});

describe('createSink', () => {
  test.each<[string, string]>([
    ['stdout', 'stdout'],
    ['a.log', 'a.log'],
    ['fifo:a', 'fifo:a'],
    ['syslog+udp://h', 'syslog+udp://h:514'],
    ['syslog+tls://[::1]', 'syslog+tls://[::1]:6514'],
    ['syslog+unix:/s', 'syslog+unix:/s'],
    ['logger:', 'logger'],
    ['journald:', 'journald'],
    ['|TOKEN=secret curl -u x:secret', '|sh'],
    ['|grep secret', '|grep'],
  ])('%s is called %s', (text, name) => {
    expect(createSink(text).name).toBe(name);
  });

  test.each<[unknown, string]>([
    [{kind: 'file', path: ''}, 'path is missing'],
    [{kind: 'file', path: 'x', sise: 1}, '"sise"'],
    [{kind: 'file', path: 'x', size: '10M'}, 'size has to be'],
    [{kind: 'file', path: 'x', keep: 3}, 'nothing rotates'],
    [{kind: 'syslog', transport: 'sctp', host: 'h'}, 'one of udp, tcp, tls, unix'],
    [{kind: 'syslog', transport: 'tcp'}, 'host is missing'],
    [{kind: 'syslog', transport: 'tcp', host: 'h', port: 70_000}, '70000 is no port'],
    [{kind: 'syslog', transport: 'tls', host: 'h', cert: 'x'}, 'go together'],
    [{kind: 'syslog', transport: 'udp', host: 'h', format: 'rfc3164', sd: {id: 'x@1'}}, 'no structured data'],
    [{kind: 'syslog', transport: 'udp', host: 'h', sd: {id: 'x y'}}, 'sd has to be'],
    [{kind: 'command', command: []}, 'command is missing'],
    [{kind: 'smoke'}, 'no sink of kind'],
  ])('%j is refused', async (spec, message) => {
    const fault = await expectFault(() => createSink(spec as SinkSpec), 'TAGGER_SINK_INVALID');
    expect(fault.message).toContain(message);
  });
});
