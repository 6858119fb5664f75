import {delimiter} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {bin, runBin, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

const exporter = bin('export');

/** Writes down what it is told, and fails when FAIL_ON is among it. */
const MANAGER = `#!/bin/sh
echo "\${0##*/} $*" >>"$LOG"
case " $* " in *" $FAIL_ON "*) echo "$FAIL_ON: no" >&2; exit 1 ;; esac
`;

const APP: Tree = {
  'app/Procfile': 'web: node server.js\nworker: node worker.js\n',
  'app/.env': 'SECRET=hunter2\n',
  log: '',
  'bin/systemctl': {mode: 0o755, content: MANAGER},
  'bin/sv': {mode: 0o755, content: MANAGER},
  'units/': '',
};

async function run(directory: TestDirectory, argv: readonly string[], failOn = 'nothing') {
  const path = [directory.at('bin'), process.env['PATH'] ?? ''].join(delimiter);
  const env = {...process.env, PATH: path, LOG: directory.at('log'), FAIL_ON: failOn};
  const flags = ['app', '--app', 'shop', '--unit-dir', directory.at('units'), ...argv];
  return runBin(exporter, ['systemd', ...flags], {cwd: directory.path, env});
}

const INSTALL = ['--install', '--no-verify', '--user', 'root'];

describe('keelson-export --install', () => {
  test('tells the manager once; a second time there is nothing to do or to tell', async () => {
    await using directory = await testdir(APP);
    const dry = await run(directory, [...INSTALL, '--dry-run']);
    expect([dry.code, dry.stdout]).toEqual([
      3,
      expect.stringContaining('run systemctl enable shop.target\n'),
    ]);
    expect(await directory.read('log')).toBe('');
    expect((await run(directory, INSTALL)).code).toBe(0);
    expect(await directory.read('log')).toBe('systemctl daemon-reload\nsystemctl enable shop.target\n');
    expect(await directory.list('units')).toContain('shop.target');
    const again = await run(directory, INSTALL);
    expect([again.code, again.stdout]).toEqual([0, 'nothing to do: 5 files are as they should be\n']);
    expect(await directory.read('log')).toBe('systemctl daemon-reload\nsystemctl enable shop.target\n');
  });

  test.each(['daemon-reload', 'enable'])(
    'a manager that fails at %s leaves everything as it was',
    async (step) => {
      await using directory = await testdir(APP);
      const refused = await run(directory, INSTALL, step);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(`${step}: no`)]);
      expect(await directory.list('units')).toEqual([]);

      await run(directory, INSTALL);
      const names = await directory.list('units');
      const before = await Promise.all(names.map((name) => directory.read(`units/${name}`)));
      await run(directory, [...INSTALL, '--formation', 'web=3', '--set', 'web.nice=5'], step);
      expect(await directory.list('units')).toEqual(names);
      expect(await Promise.all(names.map((name) => directory.read(`units/${name}`)))).toEqual(before);
    },
  );

  test('--uninstall stops, takes away and forgets, also when nothing runs', async () => {
    await using directory = await testdir({...APP, 'units/shopping.target': '[Unit]\n'});
    await run(directory, INSTALL);
    // Somebody made this one their own.
    await directory.write({log: '', 'units/shop-web-1.env': 'A=1\n'});
    const {code, stdout} = await run(directory, ['--uninstall'], 'disable');
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(
        '\nkeep shop-web-1.env (it no longer carries our marker)\nrun systemctl disable',
      ),
    ]);
    expect(await directory.list('units')).toEqual(['shop-web-1.env', 'shopping.target']);
    expect((await directory.read('log')).split('\n')).toEqual([
      'systemctl disable --now shop.target',
      'systemctl stop shop-web-1.service shop-worker-1.service shop.target',
      'systemctl daemon-reload',
      'systemctl reset-failed shop-web-1.service shop-worker-1.service',
      '',
    ]);
    const again = await run(directory, ['--uninstall']);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('nothing to do')]);
  });
});
