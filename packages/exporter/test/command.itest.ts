import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
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
    expect(stderr).toMatch(/^clock: command is approximate: .*KillMode=control-group/);
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

  test.each([
    [[], '', 2, 'MODEL is missing'],
    [['./none.json'], '', 1, 'none.json'],
    [['-'], '{}', 1, 'service model: schema'],
    [['-'], 'x', 1, 'JSON'],
    [['-', '--format', 'upstart'], '{}', 2, 'systemd'],
  ])('%j ends with a plain sentence', async (argv, input, code, said) => {
    const result = await runBin(render, argv, {input});
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(said);
    expect(result.stderr).not.toContain('    at ');
  });
});
