import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {FORMAT_NAMES} from '@keelson/exporter';
import {bin, packageRoot, runBin, testdir} from '@keelson/test-kit';

const render = bin('exporter');
const model = join(packageRoot(import.meta.url), 'test/fixtures/model.json');

describe('keelson-render', () => {
  test('prints the files, but no secret, and notes what is not native', async () => {
    const {code, stdout, stderr} = await runBin(render, [model]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      '==> shop-web-1.service <==\n# managed-by: keelson app=shop format=systemd\n[Unit]',
    );
    expect(stdout).not.toContain('hunter2');
    expect(stderr).toMatch(/^clock: command is approximate: a shell stays above the command/);
  });

  test('reads stdin; --json is the rendering', async () => {
    const {stdout, stderr} = await runBin(render, ['-', '--json'], {input: readFileSync(model)});
    const rendering = JSON.parse(stdout) as {kind: string; files: {path: string}[]};
    expect(rendering.kind).toBe('rendering');
    expect(rendering.files.map(({path}) => path)).toContain('shop-web-1.env');
    expect(stderr).toBe('');
  });

  test('--out writes them once', async () => {
    await using directory = await testdir();
    const first = await runBin(render, [model, '--out', 'units'], {cwd: directory.path});
    expect(first.stdout).toContain('write shop.target (new)\n');
    expect(await directory.read('units/shop-web-1.env')).toContain('SECRET="hunter2"');
    const second = await runBin(render, [model, '--out', 'units'], {cwd: directory.path});
    expect([second.code, second.stdout]).toEqual([0, 'nothing to do: 5 files are as they should be\n']);
  });

  test('matrix prints what each format makes of each field', async () => {
    const {code, stdout} = await runBin(render, ['matrix', '--format', 'systemd,runit']);
    expect(code).toBe(0);
    expect(stdout).toContain('| | systemd | runit |\n');
    expect(stdout).toContain('| restart.policy | ● | ◑ |\n');
  });

  test('--format knows every format of the table', async () => {
    const {stdout} = await runBin(render, ['--help']);
    for (const format of FORMAT_NAMES) expect(stdout).toMatch(new RegExp(`\\b${format}\\b`));
  });

  test('--strict fails where the format has no word for something', async () => {
    const own = JSON.parse(readFileSync(model, 'utf8')) as {processes: object[]};
    own.processes[0] = {...own.processes[0], limits: {memoryMax: 1e8}};
    const input = JSON.stringify(own);
    const {code, stderr} = await runBin(render, ['-', '--format', 'runit', '--strict'], {input});
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('web: limits.memoryMax: the manager has no word for it'),
    ]);
    expect((await runBin(render, ['-', '--format', 'runit'], {input})).code).toBe(0);
  });

  test('a launcher makes its pidfile anew: root would follow a link that the app’s user laid there', async () => {
    await using directory = await testdir({precious: 'as it was', 'run/web.pid': {link: '../precious'}});
    const web = {name: 'web', command: '/bin/true', pidfile: directory.at('run/web.pid')};
    const input = JSON.stringify({schema: 1, name: 'shop', root: directory.path, processes: [web]});
    const {stdout} = await runBin(render, ['-', '--format', 'runit', '--json'], {input});
    const {files} = JSON.parse(stdout) as {files: {path: string; content: string}[]};
    const launcher = files.find(({path}) => path === 'shop-web-1/run')!.content;
    const {pid, status} = spawnSync('/bin/sh', ['-c', launcher]);
    expect([status, await directory.read('precious')]).toEqual([0, 'as it was']);
    expect(await directory.read('run/web.pid')).toBe(`${pid}\n`);
  });

  test('a template of one’s own is asked first, and what it breaks is found', async () => {
    await using directory = await testdir({
      'good/systemd/target.hbs': '{{marker}}\n[Unit]\nDescription=Mine\n',
      'bad/systemd/service.hbs': '{{marker}}\n[Service]\nUser=root\nExecStart={{execStart}}\n',
    });
    const good = await runBin(render, [model, '--template', directory.at('good')]);
    expect(good.stdout).toContain('Description=Mine\n');
    const bad = await runBin(render, [model, '--template', directory.at('bad')]);
    expect([bad.code, bad.stdout]).toEqual([1, '']);
    expect(bad.stderr).toContain('would not arrive as it is');
  });

  test.each([
    [[], '', 2, 'MODEL is missing'],
    [['./none.json'], '', 1, 'none.json'],
    [['-'], '{}', 1, 'service model: schema'],
    [['-'], 'x', 1, 'JSON'],
    [['-', '--format', 'upstrat'], '{}', 2, 'systemd'],
  ])('%j ends with a plain sentence', async (argv, input, code, said) => {
    const result = await runBin(render, argv, {input});
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(said);
    expect(result.stderr).not.toContain('    at ');
  });
});
