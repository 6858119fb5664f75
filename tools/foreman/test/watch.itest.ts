import {rename, writeFile} from 'node:fs/promises';
import {describe, expect, test} from '@jest/globals';
import {until} from '@keelson/test-kit';

import {app} from './foreman-app.ts';

const PROCFILE = (mark: string) => `web: echo "web $(cat src/web.js)"; exec sleep ${mark}
worker: echo "worker $(cat jobs/worker.js)"; exec sleep ${mark}
`;
const tree = (mark: string) => ({Procfile: PROCFILE(mark), 'src/web.js': '1', 'jobs/worker.js': '1'});
const GLOBS = ['--no-control', '--watch', 'web=src/**', '--watch', 'worker=jobs/**'];

describe('start --watch', () => {
  test('restarts only what changed, by a rename, too', async () => {
    await using it = await app(tree);
    await using runner = it.start(GLOBS);
    await Promise.all([runner.line('| web 1'), runner.line('| worker 1')]);
    await writeFile(it.dir.at('src/new.js'), '2');
    await rename(it.dir.at('src/new.js'), it.dir.at('src/web.js'));
    await runner.line('| web 2');
    await runner.line(/web\.1 is restarted: src\/.*changed/);
    expect(runner.stdout).not.toMatch(/worker [^1]/);
    expect(runner.stdout.match(/\| worker 1/g)).toHaveLength(1);
    runner.kill('SIGTERM');
    expect((await runner.exited).code).toBe(143);
    await it.nobodyLeft();
  });

  test('one that crashes waits for the next change, and ends nothing', async () => {
    await using it = await app((mark) => ({
      Procfile: `web: node web.js\nother: exec sleep ${mark}\n`,
      'web.js': 'syntax error',
    }));
    await using runner = it.start(['--no-control', '--watch', 'web=web.js']);
    await runner.line('web.1 waits for the next change of its files');
    await writeFile(it.dir.at('web.js'), `console.log('mended'); setTimeout(() => {}, 1e6)`);
    await runner.line('| mended');
    expect(runner.stderr).not.toContain('stopping');
  });

  test('asks with the signal of the type, waits its grace, and takes what changes meanwhile', async () => {
    const manifest = {
      name: 'app',
      keelson: {processes: {web: {watch: ['*.txt'], stopSignal: 'SIGINT', graceMs: 300}}},
    };
    await using it = await app(() => ({
      Procfile: 'web: exec node web.js\n',
      'package.json': JSON.stringify(manifest),
      'a.txt': '1',
      // The first one does not end when it is asked to.
      'web.js': `import {readFileSync} from 'node:fs';
        const text = readFileSync('a.txt', 'utf8');
        process.on('SIGINT', () => { console.log('asked', text); if (text !== '1') process.exit(0); });
        console.log('reads', text);
        setTimeout(() => {}, 1e6);`,
    }));
    await it.dir.write({'package.json': JSON.stringify({...manifest, type: 'module'})});
    await using runner = it.start(['--no-control']);
    await runner.line('| reads 1');
    await writeFile(it.dir.at('a.txt'), '2');
    await runner.line('| asked 1');
    await writeFile(it.dir.at('a.txt'), '3');
    await runner.line('| reads 3');
    expect(runner.stderr).toContain('was ended by SIGKILL');
  });

  test('its own output in the watched folder is no change', async () => {
    await using it = await app((mark) => ({Procfile: `web: echo begun; exec sleep ${mark}\n`, 'run.sh': ''}));
    await it.dir.write({
      'run.mjs': `import {spawn} from 'node:child_process';
        import {openSync} from 'node:fs';
        const log = openSync('out.log', 'a');
        const [program, ...argv] = process.argv.slice(2);
        const child = spawn(process.execPath, [program, ...argv], {stdio: ['ignore', log, log]});
        process.on('SIGTERM', () => child.kill());
        child.on('exit', (code) => process.exit(code));`,
    });
    const {FOREMAN} = await import('./foreman-app.ts');
    const {launchBin} = await import('@keelson/test-kit');
    await using runner = launchBin(
      it.dir.at('run.mjs'),
      [FOREMAN, 'start', '--no-control', '--watch', './**'],
      {
        cwd: it.dir.path,
      },
    );
    await until(async () => (await it.dir.read('out.log').catch(() => '')).includes('begun'));
    await writeFile(it.dir.at('x.txt'), '1');
    await until(async () => (await it.dir.read('out.log')).includes('x.txt changed'));
    await until(async () => (await it.dir.read('out.log')).split('begun').length === 3);
    runner.kill('SIGTERM');
    await runner.exited;
    expect((await it.dir.read('out.log')).match(/is restarted/g)).toHaveLength(1);
    await it.nobodyLeft();
  });

  test('--no-watch leaves the globs of package.json alone', async () => {
    await using it = await app((mark) => ({
      Procfile: `web: echo begun; exec sleep ${mark}\n`,
      'package.json': JSON.stringify({name: 'app', keelson: {processes: {web: {watch: ['*.txt']}}}}),
    }));
    await using runner = it.start(['--no-control', '--no-watch']);
    await runner.line('| begun');
    runner.kill('SIGINT');
    expect((await runner.exited).code).toBe(130);
  });
});
