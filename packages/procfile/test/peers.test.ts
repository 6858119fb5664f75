import {describe, expect, test} from '@jest/globals';
import {expandFormation, parseFormation, parseProcfile, readProcfile} from '@keelson/procfile';
import {expectFault, testdir} from '@keelson/test-kit';

// What the test suites of other Procfile runners hold them to, and what we do: the same, unless a comment says why not.

const processes = (text: string) => parseProcfile(text).types.map(({name, command}) => [name, command]);

describe('a Procfile', () => {
  test.each<[string, string, string[][]]>([
    [
      'foreman: loads processes, past blank lines and a comment that looks like one',
      'alpha: ./alpha\n\nbravo:\t./bravo\nfoo_bar:\t./foo_bar\nfoo-bar:\t./foo-bar\n# baz:\t./baz\n',
      [
        ['alpha', './alpha'],
        ['bravo', './bravo'],
        ['foo_bar', './foo_bar'],
        ['foo-bar', './foo-bar'],
      ],
    ],
    [
      'foreman: takes CRLF, and no command ends in a carriage return',
      'a: x\r\nb: y\r\n',
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
    ],
    ['honcho: one process', 'web: command\n', [['web', 'command']]],
    ['honcho: no newline at the end', 'web: command', [['web', 'command']]],
    ['honcho: only a comment', '#commented: command\n', []],
    ['honcho: a name with - and _, also in front', '-foo_bar: command\n', [['-foo_bar', 'command']]],
    [
      'honcho: what the shell reads is left alone',
      'web: sh -c "echo $FOOBAR" >/dev/null 2>&1\n',
      [['web', 'sh -c "echo $FOOBAR" >/dev/null 2>&1']],
    ],
    [
      'honcho: the order of the file is kept',
      'one: 1\ntwo: 2\nthree: 2\nfour: 4\n',
      [
        ['one', '1'],
        ['two', '2'],
        ['three', '2'],
        ['four', '4'],
      ],
    ],
    ['node-foreman: a comment between processes', 'run: x\n# comment: y\n', [['run', 'x']]],
    [
      'an indented comment and a line of blanks, at which node-foreman gives up',
      '  # a: x\n \t \na: y\n',
      [['a', 'y']],
    ],
    ['no blank after the colon, which hivemind wants', 'a:echo\n', [['a', 'echo']]],
    ['a BOM, with which most lose the first process', '\uFEFFa: echo\n', [['a', 'echo']]],
    [
      'a trailing backslash is the shell’s, as everywhere',
      'a: echo x \\\nb: y\n',
      [
        ['a', 'echo x \\'],
        ['b', 'y'],
      ],
    ],
  ])('%s', (_title, text, expected) => {
    expect(processes(text)).toEqual(expected);
  });

  // foreman, forego, honcho and hivemind drop such a line without a word; node-foreman then runs `npm start`.
  test.each<[string, string, string]>([
    ['honcho: a character that no name has', '+foo: command\n', 'Procfile:1: "+foo" is no name'],
    ['a line that is none', 'web: x\nnode worker.js\n', 'Procfile:2: not `name: command`'],
    ['node-foreman: no name', ': command\n', 'Procfile:1: not `name: command`'],
    ['node-foreman: no command', 'web:\n', 'Procfile:1: web has no command'],
    ['honcho: a name that comes twice', 'a: 1\na: 2\n', 'Procfile:2: a is already defined in line 1'],
  ])('%s is an error that names the line', async (_title, text, message) => {
    const code = message.includes('already') ? 'PROCFILE_DUPLICATE' : 'PROCFILE_SYNTAX';
    expect((await expectFault(() => parseProcfile(text), code)).message).toContain(message);
  });

  test('foreman: one without processes is an error', async () => {
    await using dir = await testdir({Procfile: ''});
    expect((await expectFault(readProcfile(dir.path), 'PROCFILE_EMPTY')).message).toBe(
      'Procfile: no processes defined',
    );
  });
});

describe('a formation', () => {
  const types = parseProcfile('web: a\napi: b\nlog: c\n');
  const ports = (text: string, options = {}) =>
    Object.fromEntries(
      expandFormation(types, parseFormation(text), options).map(({name, port}) => [name, port]),
    );

  test.each<[string, string, object, Record<string, number>]>([
    ['honcho: one of each', '', {}, {'web.1': 5000, 'api.1': 5100, 'log.1': 5200}],
    [
      'node-foreman: a hundred between types, one between instances',
      'web=2,api=2',
      {},
      {'web.1': 5000, 'web.2': 5001, 'api.1': 5100, 'api.2': 5101},
    ],
    [
      'honcho: a base port',
      'web=3,api=2',
      {basePort: 4000},
      {'web.1': 4000, 'web.2': 4001, 'web.3': 4002, 'api.1': 4100, 'api.2': 4101},
    ],
    ['foreman: one that is started alone keeps its port', 'api', {}, {'api.1': 5100}],
    ['node-foreman: … and does not, counted its way', 'api', {portsBy: 'selection'}, {'api.1': 5000}],
    ['foreman: types that are not named do not start', 'web=2', {}, {'web.1': 5000, 'web.2': 5001}],
    [
      'foreman: all, and an exception',
      'all=2,web=0',
      {},
      {'api.1': 5100, 'api.2': 5101, 'log.1': 5200, 'log.2': 5201},
    ],
    ['forego: blanks are taken', 'web   =   2, api = 1', {}, {'web.1': 5000, 'web.2': 5001, 'api.1': 5100}],
    ['a count of 0', 'web=0,api', {}, {'api.1': 5100}],
  ])('%s', (_title, text, options, expected) => {
    expect(ports(text, options)).toEqual(expected);
  });

  test.each(['web=x', 'web===2', 'web=', '=', '=1', ',', ',,,', 'web=-1'])(
    'forego and overmind: %s is an error',
    async (text) => {
      await expectFault(() => ports(text), 'FORMATION_SYNTAX');
    },
  );

  test('honcho: an unknown process is an error that names it', async () => {
    expect((await expectFault(() => ports('nope'), 'FORMATION_UNKNOWN_TYPE')).message).toBe(
      'unknown process nope',
    );
  });

  test('overmind: more instances than there are ports for is an error', async () => {
    await expectFault(() => ports('web=11', {portStep: 10}), 'PORT_COLLISION');
  });
});
