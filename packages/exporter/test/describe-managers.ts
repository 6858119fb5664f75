import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals';
import {installUnits, renderUnits, type ServiceProcess} from '@keelson/exporter';
import {alive, describeWith, testdir, until, type TestDirectory} from '@keelson/test-kit';

import {COMMANDS, VALUES} from './nasty.ts';
import {ended, MANAGERS, type RealManager} from './real-managers.ts';

// Writes what it was given into a file of its own instance, and stays.
const SHOW = `
import {renameSync, writeFileSync} from 'node:fs';
const out = process.env.OUT_DIR + '/' + process.env.PS;
writeFileSync(out + '.new', JSON.stringify({pid: process.pid, argv: process.argv.slice(2), env: process.env, cwd: process.cwd(), uid: process.getuid()}));
renameSync(out + '.new', out);
// Whoever kills at once leaves no time for this.
process.on('SIGTERM', () => setTimeout(() => { writeFileSync(out + '.stopped', ''); process.exit(0); }, 300));
setInterval(() => {}, 1000);
`;

interface Shown {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly uid: number;
}

const APP = {
  'app/show.mjs': SHOW,
  'app/sub/': '',
  'app/a.glob': '',
  'app/run.sh': {mode: 0o755, content: '#!/bin/sh\nexec node show.mjs "$@"\n'},
  'app/node_modules/.bin/tool': {mode: 0o755, content: '#!/bin/sh\nexec node show.mjs tool "$@"\n'},
  'out/': '',
  'logs/': '',
};

// Tens of processes of Node start at once.
const PATIENCE = {timeoutMs: 60_000};

const pathIn = (directory: TestDirectory) => [
  directory.at('app/node_modules/.bin'),
  join(process.execPath, '..'),
  '/usr/bin',
  '/bin',
];
const portOf = (style: string) => 6000 + Object.keys(COMMANDS).indexOf(style);

/** What a command gives the program, but for where the app is. */
function given(directory: TestDirectory, {argv, cwd, env}: Shown) {
  const own = ['PATH', 'PORT', 'FOO', 'A', 'B'].map((key) => env[key]);
  return JSON.parse(JSON.stringify({argv, cwd, own}).replaceAll(directory.path, '')) as unknown;
}

/** The same when `sh -c` starts it in the app's directory. */
async function givenByShell(directory: TestDirectory, style: string): Promise<unknown> {
  const child = spawn('/bin/sh', ['-c', COMMANDS[style]!], {
    cwd: directory.at('app'),
    env: {
      OUT_DIR: directory.at('out'),
      PATH: pathIn(directory).join(':'),
      PORT: String(portOf(style)),
      PS: `${style}.1`,
    },
    detached: true,
    stdio: 'ignore',
  });
  const shown = await shownBy(directory, `${style}.1`);
  const end = once(child, 'exit');
  process.kill(-child.pid!, 'SIGKILL');
  await end;
  return given(directory, shown);
}

async function shownBy(directory: TestDirectory, name: string): Promise<Shown> {
  const isThere = () =>
    directory.read(`out/${name}`).then(
      () => true,
      () => false,
    );
  await until(isThere, {...PATIENCE, what: name});
  return JSON.parse(await directory.read(`out/${name}`)) as Shown;
}

/**
 * A suite for each manager: every nasty value, and the styles of command that are asked for and that the manager takes, reach the program as
 * they would from `sh -c`, and nothing is left of it.
 */
export function describeManagers(stylesOf: (real: RealManager) => readonly string[]): void {
  let shell: TestDirectory;
  beforeAll(async () => {
    shell = await testdir(APP);
  });
  afterAll(async () => shell[Symbol.asyncDispose]());
  const known = new Map<string, Promise<unknown>>();
  const asShell = (style: string) => {
    const wanted = known.get(style) ?? givenByShell(shell, style);
    known.set(style, wanted);
    return wanted;
  };
  for (const real of MANAGERS) describeManager(real, stylesOf(real), asShell);
}

function describeManager(
  real: RealManager,
  styles: readonly string[],
  asShell: (style: string) => Promise<unknown>,
): void {
  const {format, programs} = real;
  const wanted = [...programs, 'node'];
  const missing = wanted.filter((program) => spawnSync('which', [program]).status !== 0);
  const absent = real.optional && missing.length > 0;
  const suite = absent
    ? describe.skip
    : (title: string, body: () => void) => describeWith(wanted, title, body);
  suite(`a real ${format}${absent ? ` (missing: ${missing.join(', ')})` : ''}`, () => {
    test(`every value and ${styles.length} styles of command reach the program as from sh -c, and nothing is left`, async () => {
      await using directory = await testdir(APP);
      const node = process.execPath;
      const values = Object.fromEntries(Object.values(VALUES).map((value, index) => [`V${index}`, value]));
      const processes: ServiceProcess[] = [
        {
          name: 'values',
          command: {argv: ['node', 'show.mjs', ...Object.values(VALUES)]},
          env: {...values, OUT_DIR: directory.at('out')},
        },
        ...styles.map((name) => ({
          name,
          command: COMMANDS[name]!,
          env: {OUT_DIR: directory.at('out')},
          port: {base: portOf(name)},
          harden: 'none' as const,
        })),
      ];
      const rendering = await renderUnits(format, {
        schema: 1,
        name: 'shop',
        root: directory.at('app'),
        unitDir: directory.at('units'),
        logDir: directory.at('logs'),
        path: pathIn(directory),
        programs: {node},
        processes: real.pidfiles
          ? processes.map((one) => ({...one, pidfile: directory.at(`logs/${one.name}.pid`)}))
          : processes,
      });
      await installUnits(rendering, directory.at('units'));
      const files = rendering.files.map((file) => file.path);
      const manager = await real.start(directory, files);
      const pids: number[] = [];
      try {
        const shown = await shownBy(directory, 'values.1');
        pids.push(shown.pid);
        expect(Object.fromEntries(Object.keys(values).map((name) => [name, shown.env[name]]))).toEqual(
          values,
        );
        expect(shown.argv).toEqual(Object.values(VALUES));
        for (const style of styles) {
          const got = await shownBy(directory, `${style}.1`);
          pids.push(got.pid);
          expect([style, given(directory, got)]).toEqual([style, await asShell(style)]);
        }
      } finally {
        await real.stop?.(
          directory,
          processes.map((one) => `shop-${one.name}-1`),
          manager,
        );
        await ended(manager, format === 'runit' ? 'SIGHUP' : 'SIGTERM');
      }
      if (real.ownPids) return;
      await until(() => pids.every((pid) => !alive(pid)), PATIENCE);
      // The program itself got the signal, not only the shell above it.
      expect(await directory.read('out/plain.1.stopped')).toBe('');
      expect(await directory.read('out/cd.1.stopped')).toBe('');
    }, 120_000);
  });
}
