import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';

import {describe, expect, test} from '@jest/globals';
import {installUnits, renderUnits, type ServiceModel} from '@keelson/exporter';
import {testdir} from '@keelson/test-kit';

import {COMMANDS, model, VALUES} from './nasty.ts';

// Of Podman 4.4 and later. Debian 12 has an older one, so where it is missing that is no fault of the machine.
const QUADLET = [
  process.env['KEELSON_TEST_QUADLET'] ?? '',
  '/usr/libexec/podman/quadlet',
  '/usr/lib/podman/quadlet',
].find((path) => path !== '' && existsSync(path));

const UNESCAPED: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Words of an ExecStart= by the rules of systemd.syntax(7), specifiers and variables undone; a lone `$` or `%` is none of ours. */
function words(line: string): string[] {
  const found = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|([^ \t\n\r]+)/gs)].map(
    ([, quoted, plain]) => quoted ?? plain!,
  );
  return found.map((word) => {
    // Its own words are specifiers: --cidfile=%t/%N.cid
    if (!/%[tN]/.test(word)) expect(word.replaceAll('%%', '').replaceAll('$$', '')).not.toMatch(/[$%]/);
    return word
      .replaceAll('%%', '%')
      .replaceAll('$$', '$')
      .replace(/\\(?:x([0-9a-f]{2})|(.))/gs, (_, hex: string | undefined, letter: string) =>
        hex === undefined ? (UNESCAPED[letter] ?? letter) : String.fromCharCode(parseInt(hex, 16)),
      );
  });
}

interface Generated {
  readonly words: readonly string[];
  readonly unit: string;
}

/** What the generator makes of each process of a model, by its name. */
async function generated(value: ServiceModel): Promise<ReadonlyMap<string, Generated>> {
  await using directory = await testdir();
  const {files} = await renderUnits('quadlet', {...value, unitDir: directory.at('units')});
  await installUnits(
    {kind: 'rendering', format: 'quadlet', app: 'shop', files, report: []},
    directory.at('units'),
  );
  const env = {...process.env, QUADLET_UNIT_DIRS: directory.at('units')};
  const {stdout, stderr, status} = spawnSync(QUADLET ?? '', ['-dryrun'], {env, encoding: 'utf8'});
  expect([status, stderr.replace(/^.*(Loading|Generated).*\n/gm, '')]).toEqual([0, '']);
  const units = stdout.split(/^---/m).map((unit) => {
    const [, name = ''] = /^shop-(.*)-1\.service/.exec(unit) ?? [];
    const start = /^ExecStart=([^\n]*)$/m.exec(unit)?.[1];
    return [name, {unit, words: start === undefined ? [] : words(start)}] as const;
  });
  return new Map(units);
}

const ofWeb = async (value: ServiceModel) => (await generated(value)).get('web')!;

const after = (all: readonly string[], flag: string) =>
  all.flatMap((word, at) => (word === flag ? [all[at + 1]!] : []));

/** What podman makes of the JSON of --entrypoint. */
const entrypoint = (all: readonly string[]) =>
  JSON.parse(all.find((word) => word.startsWith('--entrypoint='))!.slice('--entrypoint='.length)) as string[];

(QUADLET === undefined ? describe.skip : describe)('the generator of a real Podman (quadlet)', () => {
  test('hands every value and every word on as it is', async () => {
    const values = Object.values(VALUES);
    const {words: run} = await ofWeb(
      model({env: VALUES, command: {argv: ['node', ...values]}}, {envStorage: 'inline'}),
    );
    const env = Object.fromEntries(
      after(run, '--env').map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]),
    );
    expect(env).toMatchObject(VALUES);
    expect(entrypoint(run)).toEqual(['/usr/bin/node', ...values]);
    expect(run.at(-1)).toBe('registry.example/shop:1');
  });

  test('takes values out of a file that systemd reads, by name', async () => {
    const {words: run, unit} = await ofWeb(
      model({env: {SECRET: 'hunter2', HTTP_PROXY: 'x'}}, {user: {name: 'app', group: 'web'}}),
    );
    expect(run).toContain('--env=SECRET');
    expect(unit).toMatch(/^EnvironmentFile=.*shop-web-1\.env$/m);
    expect(unit).not.toContain('hunter2');
    expect(after(run, '--user')).toEqual(['app:web']);
    expect(after(run, '--env')).toContain('HTTP_PROXY=x');
  });

  test('hands every style of command on, to the program or to a shell', async () => {
    const processes = Object.entries(COMMANDS).map(([name, command]) => ({name, command}));
    const units = await generated(model({}, {processes}));
    for (const {name, command} of processes) {
      const [program = '', ...args] = entrypoint(units.get(name)!.words);
      const line = program === '/bin/sh' ? [`-c ${command}`, `-c exec ${command}`] : [args.join(' ')];
      expect(program).toMatch(/^\/|^\.\/run\.sh$/);
      expect(line).toContain(args.join(' '));
    }
  });

  test('knows every line of everything that a process can be, in a pod', async () => {
    const {words: run} = await ofWeb(
      model(
        {
          description: 'serves 100%',
          port: {base: 5000},
          limits: {memoryMax: 2 ** 28, cpuQuota: 0.5, tasksMax: 10, nofile: {soft: 1024, hard: 'infinity'}},
          restart: {policy: 'on-failure', preventExit: [3], limit: {count: 3, withinMs: 60_000}},
          start: {ready: 'notify', timeoutMs: 7000},
          reload: 'SIGHUP',
          health: {kind: 'exec', command: 'echo "50%" $HOME'},
          umask: '027',
          harden: 'strict',
          capabilities: ['CAP_NET_BIND_SERVICE'],
          deps: {requires: ['postgresql'], network: 'online'},
          extra: {quadlet: ['Timezone=local']},
        },
        {target: {version: 5}},
      ),
    );
    expect(after(run, '--pod-id-file')).toHaveLength(1);
    expect(run).toEqual(
      expect.arrayContaining(['--memory=268435456', '--ulimit=nofile=1024:-1', '--umask=0027']),
    );
    expect(after(run, '--tz')).toEqual(['local']);
    expect(run).toContain('--health-cmd=["/bin/sh","-c","echo \\"50%\\" $HOME"]');
  });
});
