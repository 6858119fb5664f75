import {spawnSync} from 'node:child_process';

import {describe, expect, test} from '@jest/globals';
import {bin, runBin, testdir, type Tree} from '@keelson/test-kit';

const PROCFILE = bin('procfile');

async function run(tree: Tree, ...argv: string[]) {
  await using dir = await testdir(tree);
  return await runBin(PROCFILE, argv, {cwd: dir.path, env: {PORT: undefined}});
}

const two = {Procfile: '# x\nweb: node .\nworker:\tnode worker.js --port 3\n'};

describe('check', () => {
  test('a good one', async () => {
    expect(await run(two, 'check')).toMatchObject({
      code: 0,
      stdout: 'valid procfile detected (web, worker)\n',
      stderr: '',
    });
    for (const argv of [['a/b'], ['-f', 'a/b']])
      expect(await run({'a/b': 'x: y'}, 'check', ...argv)).toMatchObject({
        code: 0,
        stdout: 'valid procfile detected (x)\n',
      });
  });

  test('a pipe will do', () => {
    const line = 'echo "web: x" | "$0" "$1" check -f /dev/stdin';
    const {status, stdout} = spawnSync('sh', ['-c', line, process.execPath, PROCFILE], {encoding: 'utf8'});
    expect({status, stdout}).toEqual({status: 0, stdout: 'valid procfile detected (web)\n'});
  });

  test.each<[string, Tree, string[], string]>([
    ['none', {}, [], 'Procfile does not exist.'],
    [
      'none, though there is a start script',
      {'package.json': '{"scripts":{"start":"x"}}'},
      [],
      'Procfile does not exist.',
    ],
    ['empty', {Procfile: ''}, [], 'no processes defined'],
    ['nothing but comments', {Procfile: '# a: b\n'}, [], 'no processes defined'],
    ['malformed', {Procfile: 'web: x\r\nnode y\r\n'}, [], 'Procfile:2: not `name: command`: "node y"'],
    ['twice', {'x/P': 'a: 1\na: 2'}, ['-f', 'x/P'], 'x/P:2: a is already defined in line 1'],
    ['a directory', {'Procfile/x': ''}, [], 'Procfile is a directory.'],
    ['no text', {Procfile: Buffer.from('a: b\nc: \xff', 'latin1')}, [], 'Procfile:2: not UTF-8 text'],
    [
      'the Socketfile beside it',
      {Procfile: 'a: b', Socketfile: 'b: :1'},
      [],
      'Socketfile:1: the Procfile defines no',
    ],
  ])('%s', async (_title, tree, argv, message) => {
    const {code, stdout, stderr} = await run(tree, 'check', ...argv);
    // Programs find it where they find that all is well.
    expect({code, stdout}).toEqual({code: 1, stdout: expect.stringContaining(message)});
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('list', () => {
  test('types and commands', async () => {
    expect(await run(two, 'list')).toMatchObject({
      code: 0,
      stdout: 'web: node .\nworker: node worker.js --port 3\n',
    });
  });

  test('npm start where there is no Procfile', async () => {
    const tree = {'package.json': '{"scripts":{"start":"x"}}'};
    expect(await run(tree, 'list')).toMatchObject({code: 0, stdout: 'web: npm start\n'});
    expect((await run(tree, 'list', 'Procfile')).code).toBe(1);
  });

  test('--json: the processes and what is hardly meant', async () => {
    const {code, stdout, stderr} = await run({'x/P': 'a: b\nA: c\n'}, 'list', '-f', 'x/P', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      kind: 'process-list',
      processes: [
        {name: 'a', command: 'b', line: 1},
        {name: 'A', command: 'c', line: 2},
      ],
      sockets: [],
      warnings: [{path: 'x/P', line: 2, message: 'A and a differ only in upper and lower case'}],
    });
    expect(stderr).toBe('warning: x/P:2: A and a differ only in upper and lower case\n');
    expect((await run({P: 'a: b\nA: c\n'}, 'list', '-qf', 'P')).stderr).toBe('');
  });

  test('a Procfile that is commented out lists nothing; one without any content is a mistake', async () => {
    const {code, stdout, stderr} = await run({Procfile: '\n # web: x\n'}, 'list', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({processes: []});
    expect(stderr).toBe('warning: Procfile:1: no processes defined\n');
    for (const text of ['', ' \n\t\n', '\uFEFF\r\n']) {
      const result = await run({Procfile: text}, 'list');
      expect(result).toMatchObject({code: 1, stdout: ''});
      expect(result.stderr).toContain('Procfile: no processes defined');
    }
  });

  test('--json: a failure is a value, too', async () => {
    const {code, stdout} = await run({Procfile: 'x'}, 'list', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({error: {code: 'PROCFILE_SYNTAX'}});
  });
});

describe('ports', () => {
  const nf = ['worker,web', '--compat', 'nf'];
  test.each<[string[], string]>([
    [[], 'web.1 5000\nworker.1 5100\n'],
    [['--formation', 'worker'], 'worker.1 5100\n'],
    [['worker'], 'worker.1 5100\n'],
    [['all=2,worker=0'], 'web.1 5000\nweb.2 5001\n'],
    [
      ['-m', 'all=2,worker=1', '--port', '3000', '--port-step', '10'],
      'web.1 3000\nweb.2 3001\nworker.1 3010\n',
    ],
    [['web=2', '--base', '80'], 'web.1 80\nweb.2 81\n'],
    [nf, 'web.1 5100\nworker.1 5000\n'],
    [['web=2', '--no-port'], 'web.1\nweb.2\n'],
  ])('%j', async (argv, stdout) => {
    expect(await run(two, 'ports', ...argv)).toMatchObject({code: 0, stdout});
  });

  test('--json are the instances', async () => {
    const {stdout} = await run({P: 'a: b'}, 'ports', 'a=1', '-f', 'P', '--base', '6000', '--json');
    expect(JSON.parse(stdout)).toEqual({
      kind: 'port-plan',
      ports: [{name: 'a.1', type: 'a', index: 1, command: 'b', port: 6000}],
    });
  });

  test('the base is what --base says, else PORT of .env, else of the environment', async () => {
    await using dir = await testdir({
      ...two,
      'dev/Procfile': 'web: x',
      'dev/.env': '\uFEFFexport PORT="6000" # dev',
    });
    const ports = async (PORT: string | undefined, ...argv: string[]) =>
      (await runBin(PROCFILE, ['ports', 'web', ...argv], {cwd: dir.path, env: {PORT}})).stdout;
    expect(await ports('4000')).toBe('web.1 4000\n');
    expect(await ports('4000', '-f', 'dev/Procfile')).toBe('web.1 6000\n');
    expect(await ports('4000', '-f', 'dev/Procfile', '-p', '3000')).toBe('web.1 3000\n');
    expect(await ports('wrong', '-f', 'dev/Procfile', '--no-port')).toBe('web.1\n');
    await dir.write({'.env': ' {"web": {"port": 1}, "port": 7000}'});
    expect(await ports('4000')).toBe('web.1 7000\n');
  });

  test.each([
    ['PORT of the environment', {...two, '.env': 'PORT=\n'}],
    ['.env: PORT', {...two, '.env': 'A=1\nPORT=forego\n'}],
    ['.env: PORT', {...two, '.env': '{"PORT": "forego"}'}],
  ])('%s that is no port is an error', async (name, tree) => {
    await using dir = await testdir(tree);
    const wrong = await runBin(PROCFILE, ['ports'], {cwd: dir.path, env: {PORT: 'forego'}});
    expect(wrong).toMatchObject({code: 1, stdout: ''});
    expect(wrong.stderr).toContain(`${name} is not a port: "forego"`);
  });

  test('package.json says the formation, unless an argument does, and fixes ports', async () => {
    const keelson = {processes: {worker: {port: 8080}, web: {instances: 2}}, formation: {all: 1, web: 2}};
    const tree = {...two, 'package.json': JSON.stringify({name: 'app', keelson})};
    expect((await run(tree, 'ports')).stdout).toBe('web.1 5000\nweb.2 5001\nworker.1 8080\n');
    expect((await run(tree, 'ports', 'worker=2')).stdout).toBe('worker.1 8080\nworker.2 8081\n');
    const nameless = {...two, 'package.json': '{"private": true}'};
    expect((await run(nameless, 'ports')).stdout).toBe('web.1 5000\nworker.1 5100\n');
  });

  test.each<[string[], number, string]>([
    [['-m', 'nope=1'], 1, 'unknown process nope'],
    [['nope'], 1, 'unknown process nope'],
    [['-m', 'web==1'], 2, 'is not TYPE=N'],
    [['web==1'], 2, 'is not TYPE=N'],
    [['web', '-m', 'web'], 2, 'two formations'],
    [['web=101,worker=1'], 1, 'web.101 and worker.1 would both get port 5100'],
    [['web=11', '--port-step', '10'], 1, 'web.11 and worker.1 (when it is started) would both get port 5010'],
    [['-p', '0'], 2, '--base'],
    [['-p', 'forego'], 2, 'forego'],
    [['-p', '65500', 'worker'], 1, 'worker.1 would get port 65600'],
    [['-f', 'nope'], 1, 'nope does not exist.'],
  ])('%j fails', async (argv, code, message) => {
    const result = await run(two, 'ports', ...argv);
    expect(result).toMatchObject({code, stdout: ''});
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });
});
