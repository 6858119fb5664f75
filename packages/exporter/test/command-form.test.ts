import {execFileSync} from 'node:child_process';

import {describe, expect, test} from '@jest/globals';
import {renderUnits, type ServiceModel} from '@keelson/exporter';
import fc from 'fast-check';

const NODE = process.execPath;

function model(command: string, env: Record<string, string> = {}): ServiceModel {
  return {
    schema: 1,
    name: 'app',
    root: '/srv/app',
    programs: {node: NODE},
    processes: [{name: 'web', command, env}],
  };
}

async function service(command: string): Promise<{start: string; kill: string; env: string; status: string}> {
  const {files, report} = await renderUnits('systemd', model(command));
  const unit = files.find(({path}) => path.endsWith('.service'))!.content;
  const line = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)![1]!;
  return {
    start: line('ExecStart'),
    kill: line('KillMode'),
    env: files.find(({path}) => path.endsWith('.env'))!.content,
    status: report.find(({field}) => field === 'command')!.status,
  };
}

const q = (...words: string[]) => words.map((word) => `"${word}"`).join(' ');

describe('a Procfile line', () => {
  test.each([
    ['node server.js', q(NODE, 'server.js')],
    ['  node   "a b" c\\ d  ', q(NODE, 'a b', 'c d')],
    ["node 'it'\\''s'", q(NODE, "it's")],
    ['node -e "a\\"b\\\\c"', q(NODE, '-e', 'a\\"b\\\\c')],
    ['node ""', q(NODE, '')],
    ['node 100%', q(NODE, '100%%')],
    ["node '$HOME' '*' '~' '|' ';'", q(NODE, '$$HOME', '*', '~', '|', ';')],
    ['node a~b a=b --x=1', q(NODE, 'a~b', 'a=b', '--x=1')],
    ['exec node server.js', q(NODE, 'server.js')],
    ['./bin/www --port 1', q('/srv/app/bin/www', '--port', '1')],
    ['bin/www', q('/srv/app/bin/www')],
    ['/opt/x/run', q('/opt/x/run')],
    ['prog start', q('/usr/bin/env', 'prog', 'start')],
    ['/opt/\\$x/run', q('/usr/bin/env', '/opt/$$x/run')],
  ])('%s is started without a shell', async (command, start) => {
    expect(await service(command)).toMatchObject({start, kill: 'mixed', status: 'native'});
  });

  test.each([
    'npm start',
    'npm start -- --port $PORT',
    'NODE_ENV=production yarn start',
    "sh -c 'cd x; node y'",
    '/bin/bash run.sh',
    'env A=1 nice -n 5 pnpm start',
  ])('%s keeps signals for itself, so all below it get them', async (command) => {
    expect(await service(command)).toMatchObject({kill: 'control-group', status: 'approximate'});
  });

  test('assignments in front become variables, and win', async () => {
    const {start, env} = await service('FOO=bar PS=mine Q="a b" node x');
    expect(start).toBe(q(NODE, 'x'));
    expect(env).toMatch(/^FOO="bar"$/m);
    expect(env).toMatch(/^Q="a b"$/m);
    expect(env).toMatch(/^PS="mine"$/m);
  });

  test.each([
    ['node server.js -p $PORT', 'exec node server.js -p $$PORT'],
    ['node *.js', 'exec node *.js'],
    ['node ~/x {a,b}', 'exec node ~/x {a,b}'],
    ['exec node "$X"', 'exec node \\"$$X\\"'],
    ['node `which x`', 'exec node `which x`'],
  ])('%s needs a shell, which becomes the program', async (command, line) => {
    expect(await service(command)).toMatchObject({
      start: q('/bin/sh', '-c', line),
      kill: 'mixed',
      status: 'launcher',
    });
  });

  test.each([
    'cd a && node x',
    'node x | tee log',
    'node x > log 2>&1',
    'node x; node y',
    'node x &',
    'FOO=$X node x',
    'if true; then node x; fi',
    '! node x',
    'echo hi',
    'FOO=bar',
    'node x # comment',
    "node 'open",
    '"FOO=bar" node',
    '$NODE x',
    '{ node x; }',
    'exec -a x node',
    'exec',
    '(node x)',
    '-x',
  ])('%s keeps its shell, and the whole group is stopped', async (command) => {
    expect(await service(command)).toMatchObject({kill: 'control-group', status: 'approximate'});
  });

  test('words that need no shell are the words that sh makes of them', async () => {
    const letters = fc.constantFrom(...Array.from('ab1 \t"\'\\=-./:,@%+#~$*?[]{}!^`|&;<>()é'));
    const line = fc.string({unit: letters, minLength: 1, maxLength: 20}).map((text) => `node ${text}`);
    await fc.assert(
      fc.asyncProperty(line, async (command) => {
        const {start, status} = await service(command);
        if (status !== 'native') return;
        // What sh makes of it, printed by a program that takes node's place.
        const script = `node() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${command}`;
        const words = execFileSync('/bin/sh', ['-c', script], {
          encoding: 'utf8',
          cwd: '/var/empty-'.slice(0, 4),
        });
        const unquoted = [...start.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) =>
          word!.replace(/\\t/g, '\t').replace(/\\(.)/g, '$1').replaceAll('$$', '$').replaceAll('%%', '%'),
        );
        expect(unquoted.slice(1)).toEqual(words.split('\0').slice(0, -1));
      }),
      {numRuns: 150},
    );
  });
});
