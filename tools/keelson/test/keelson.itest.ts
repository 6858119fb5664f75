import {expect, test} from '@jest/globals';
import {bin, runBin, testdir} from '@keelson/test-kit';

const KEELSON = bin('keelson');

/** The files that a command loads as modules, by what Node says about its loader. */
async function modulesOf(argv: string[], cwd: string, program = KEELSON): Promise<string[]> {
  const {stderr} = await runBin(program, argv, {cwd, env: {NODE_DEBUG: 'esm'}});
  const urls = stderr.match(/file:\/\/[^\s'"]+?\.(?:m|c)?js\b/g) ?? [];
  return [...new Set(urls)].map((url) => url.replace(/^.*\/(?:packages|tools)\//, '')).sort();
}

test('--version loads no module beside the bin', async () => {
  const {code, stdout, stderr} = await runBin(KEELSON, ['--version']);
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  expect(stdout).toMatch(/^keelson\/\d+\.\d+\.\d+ \S+ node-v\d+\.\d+\.\d+\n$/);
  expect(await modulesOf(['--version'], '.')).toEqual([]);
});

test('foreman start loads no more modules than keelson-foreman start: none, where its bundle is made', async () => {
  await using directory = await testdir({Procfile: 'a: true\n'});
  const own = await modulesOf(['start'], directory.path, bin('foreman', 'keelson-foreman'));
  const umbrella = await modulesOf(['foreman', 'start'], directory.path);
  expect(umbrella.filter((file) => !file.startsWith('keelson/'))).toEqual(own);
});

test('a step loads its own package and no other command', async () => {
  await using directory = await testdir({Procfile: 'web: node server.js\n'});
  const modules = await modulesOf(['procfile', 'check'], directory.path);
  const foreign = modules.filter((file) => !/^(keelson|cli-kit|procfile|step)\//.test(file));
  expect(foreign).toEqual([]);
  expect(modules).not.toContain('procfile/dist/cli/list.js');
});

test('--help names every command once, in the order of the pipeline', async () => {
  const {code, stdout, stderr} = await runBin(KEELSON, ['--help']);
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  const words = stdout.split('\n').flatMap((line) => /^ {2}([a-z]+) {2,}\S/.exec(line)?.[1] ?? []);
  expect(words.join(' ')).toBe(
    'build publish receive prepare deploy run ctl foreman tag export render archive procfile env limits',
  );
});

test.each([
  ['procfile', 'procfile', ['check'], 'Check a Procfile: '],
  ['ctl', 'supervisor', [], 'Ask a running supervisor: '],
])('both names answer the same: %s', async (topic, folder, words, about) => {
  const name = `keelson-${topic}`;
  const own = await runBin(bin(folder, name), [...words, '--help']);
  const umbrella = await runBin(KEELSON, [topic, ...words, '--help']);
  expect(own.stdout).toContain([`$ ${name}`, ...words].join(' '));
  expect(own.stdout).toMatch(new RegExp(`^${about}`));
  expect(umbrella.stdout).toBe(own.stdout.replaceAll(name, `keelson ${topic}`));
});

test('a misspelled command is answered with the nearest', async () => {
  const {code, stderr} = await runBin(KEELSON, ['procfile', 'chekc']);
  expect(code).toBe(2);
  expect(stderr).toContain('did you mean `keelson procfile check`?');
});
