import {describe, expect, test} from '@jest/globals';
import {listProcesses, parseProcfile, parseSocketfile, readSocketfile} from '@keelson/procfile';
import {expectFault, testdir} from '@keelson/test-kit';

const listening = (text: string) =>
  parseSocketfile(text).sockets.map(({process, name, listen}) => [process, name, listen]);

describe('parseSocketfile', () => {
  test.each<[string, string, unknown[]]>([
    [
      'a named socket on all interfaces',
      'web: http=:3000\n',
      [['web', 'http', {type: 'tcp', host: '::', port: 3000}]],
    ],
    [
      'several of one process, comments, blank lines, CRLF, BOM',
      '\uFEFF# dev\r\n\r\n  # x\r\napi: rest=:8080\tgrpc=127.0.0.1:50051\r\n',
      [
        ['api', 'rest', {type: 'tcp', host: '::', port: 8080}],
        ['api', 'grpc', {type: 'tcp', host: '127.0.0.1', port: 50_051}],
      ],
    ],
    [
      'with schemes',
      'a: x=tcp://[::1]:1 tcp://localhost:2 y=unix:///run/a.sock',
      [
        ['a', 'x', {type: 'tcp', host: '::1', port: 1}],
        ['a', undefined, {type: 'tcp', host: 'localhost', port: 2}],
        ['a', 'y', {type: 'unix', path: '/run/a.sock'}],
      ],
    ],
    ['a port alone', 'a: 3000', [['a', undefined, {type: 'tcp', host: '::', port: 3000}]]],
    ['nothing', '', []],
  ])('%s', (_title, text, sockets) => {
    expect(listening(text)).toEqual(sockets);
  });

  test.each<[string, string]>([
    ['web', 'Socketfile:1: not `name: command`'],
    ['web:', 'Socketfile:1: web has no command'],
    ['web: http=', 'Socketfile:1: "http=" is no address'],
    ['web: http=:0', 'Socketfile:1: "http=:0" has no port from 1 to 65535'],
    ['web: :65536', 'Socketfile:1: ":65536" has no port'],
    ['web: ::1:80', 'Socketfile:1: "::1:80" is no address'],
    ['web: a b', 'Socketfile:1: "a" is no address'],
    ['web: udp://:53', 'Socketfile:1: "udp://:53" is neither tcp:// nor unix://'],
    ['web: unix://run/x', 'Socketfile:1: "unix://run/x" has no absolute path'],
    [`web: unix:///${'x'.repeat(107)}`, 'has a path of more than 107 bytes'],
    ['web: :80\nweb: :81', 'Socketfile:2: web has a line already'],
    ['web: :80\napi: :80', 'Socketfile:2: ":80" is already bound for web in line 1'],
    ['web: :80 tcp://:80', 'Socketfile:1: "tcp://:80" is already bound for web in line 1'],
    ['web: :80\nnope: :81', 'Socketfile:2: the Procfile defines no process nope'],
  ])('%j', async (text, message) => {
    const procfile = parseProcfile('web: x\napi: y');
    const fault = await expectFault(() => parseSocketfile(text, {procfile}), 'PROCFILE_SYNTAX');
    expect(fault.message).toContain(message);
  });
});

describe('beside the Procfile', () => {
  test('it is read with it', async () => {
    await using dir = await testdir({'dev/Procfile': 'web: x\n', 'dev/Socketfile': 'web: http=:3000\n'});
    expect((await listProcesses(dir.path, {file: 'dev/Procfile'})).sockets).toEqual([
      {process: 'web', name: 'http', listen: {type: 'tcp', host: '::', port: 3000}, line: 1},
    ]);
    expect(await readSocketfile(dir.path)).toBeUndefined();
  });

  test('and what is wrong in it is told under its name', async () => {
    await using dir = await testdir({'dev/P': 'web: x\n', 'dev/Socketfile': 'nope: :1\n'});
    expect((await expectFault(listProcesses(dir.path, {file: 'dev/P'}), 'PROCFILE_SYNTAX')).message).toBe(
      'dev/Socketfile:1: the Procfile defines no process nope',
    );
  });
});
