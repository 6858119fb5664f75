import {describe, expect, test} from '@jest/globals';
import {bin, runBin, testdir, type Tree} from '@keelson/test-kit';

const PROCFILE = bin('procfile');

async function run(tree: Tree, ...argv: string[]) {
  await using dir = await testdir(tree);
  return await runBin(PROCFILE, argv, {cwd: dir.path});
}

const two = {Procfile: '# x\nweb: node .\nworker:\tnode worker.js --port 3\n'};

describe('check', () => {
  test('a good one', async () => {
    expect(await run(two, 'check')).toMatchObject({
      code: 0,
      stdout: 'valid procfile detected (web, worker)\n',
      stderr: '',
    });
    expect(await run({'a/b': 'x: y'}, 'check', 'a/b')).toMatchObject({
      code: 0,
      stdout: 'valid procfile detected (x)\n',
    });
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
    ['twice', {'x/P': 'a: 1\na: 2'}, ['x/P'], 'x/P:2: a is already defined in line 1'],
  ])('%s', async (_title, tree, argv, message) => {
    const {code, stdout, stderr} = await run(tree, 'check', ...argv);
    expect({code, stdout}).toEqual({code: 1, stdout: ''});
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

  test('--json is what parseProcfile returns', async () => {
    expect(JSON.parse((await run({Procfile: 'a: b'}, 'list', '--json')).stdout)).toEqual({
      kind: 'procfile',
      types: [{name: 'a', command: 'b', line: 1}],
    });
  });
});

describe('ports', () => {
  test.each<[string[], string]>([
    [[], 'web.1 5000\nworker.1 5100\n'],
    [['--formation', 'worker'], 'worker.1 5100\n'],
    [
      ['-m', 'all=2,worker=1', '--port', '3000', '--port-step', '10'],
      'web.1 3000\nweb.2 3001\nworker.1 3010\n',
    ],
  ])('%j', async (argv, stdout) => {
    expect(await run(two, 'ports', ...argv)).toMatchObject({code: 0, stdout});
  });

  test('--json are the instances', async () => {
    expect(JSON.parse((await run({Procfile: 'a: b'}, 'ports', '--json')).stdout)).toEqual([
      {name: 'a.1', type: 'a', index: 1, command: 'b', port: 5000},
    ]);
  });

  test.each<[string[], number, string]>([
    [['-m', 'nope=1'], 1, 'unknown process nope'],
    [['-m', 'web==1'], 1, 'is not TYPE=N'],
    [['-m', 'web=101,worker=1'], 1, 'web.101 and worker.1 would both get port 5100'],
    [['-p', '0'], 1, 'base port is not a port'],
    [['-p', 'forego'], 2, 'forego'],
  ])('%j fails', async (argv, code, message) => {
    const result = await run(two, 'ports', ...argv);
    expect(result).toMatchObject({code, stdout: ''});
    expect(result.stderr).toContain(message);
  });
});
