import {execFileSync, spawnSync} from 'node:child_process';
import {cpSync, readdirSync, utimesSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from '@jest/globals';
import type {Archive} from '@keelson/archive';
import {bin, packageRoot, testdir, type TestDirectory} from '@keelson/test-kit';
import {appDirectory} from './app.ts';

const reversed = join(packageRoot(import.meta.url), 'test/fixtures/readdir-reversed.mjs');
const NAMES = [
  'Zebra',
  'apfel',
  'Äpfel',
  'äther',
  'ılık',
  'Istanbul',
  'a b',
  'a-b',
  'a/b',
  '10',
  '9',
  '中文',
];
const MORE = Object.fromEntries(NAMES.map((name, index) => [`app/names/${name}.txt`, `${index}\n`]));
const LONG = `${'a-very-long-name-of-a-folder/'.repeat(4)}app`;

interface Machine {
  readonly umask?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Where the sources are. */
  readonly at?: string;
  /** Changes their times and modes. */
  readonly disturb?: (dir: string) => void;
}

function touchAll(dir: string): void {
  for (const [index, path] of readdirSync(dir, {recursive: true, encoding: 'utf8'}).entries())
    utimesSync(join(dir, path), 1_000_000 + index, 2_000_000 + index);
}

/** What differs between machines, one thing at a time. */
export const MACHINES: readonly (readonly [title: string, machine: Machine])[] = [
  ['other times', {disturb: touchAll}],
  ['a strict umask', {umask: '077'}],
  [
    'a loose umask, and files that the group may write',
    {umask: '000', disturb: (dir) => execFileSync('chmod', ['-R', 'g+w', dir])},
  ],
  ['another locale', {env: {LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8'}}],
  ['another time zone', {env: {TZ: 'Pacific/Kiritimati'}}],
  ['another path, a longer one', {at: LONG}],
  ['another order of folders', {env: {NODE_OPTIONS: `--import="${reversed}"`}}],
];

export const ALL_AT_ONCE: Machine = {
  at: LONG,
  umask: '027',
  disturb: touchAll,
  env: {TZ: 'America/St_Johns', LC_ALL: 'C', NODE_OPTIONS: `--import="${reversed}"`},
};

/** Built on a "machine" by the command, as a user does. */
function fileDigest(
  dir: TestDirectory,
  {umask = '022', env = {}, at = 'app', disturb}: Machine,
): string | undefined {
  if (at !== 'app') cpSync(dir.at('app'), dir.at(at), {recursive: true});
  disturb?.(dir.at(at));
  const line = 'umask "$1"; shift; exec "$@"';
  const command = [
    process.execPath,
    bin('archive-builder'),
    dir.at(at),
    '-o',
    dir.at('out.tgz'),
    '--no-cache',
    '--json',
  ];
  const {stdout, stderr} = spawnSync('sh', ['-c', line, 'sh', umask, ...command], {
    env: {...process.env, ...env},
    encoding: 'utf8',
  });
  const {fileDigest: digest} = JSON.parse(stdout) as Archive;
  return digest ?? stderr;
}

let usual: string | undefined;

/** Builds the same sources on a usual machine (once) and on this one. */
export async function expectSameBytes(machine: Machine): Promise<void> {
  await using dir = await appDirectory(MORE);
  usual ??= fileDigest(dir, {});
  expect(usual).toMatch(/^sha256-[0-9a-f]{64}$/);
  await using other = await testdir();
  cpSync(dir.at('app'), other.at('app'), {recursive: true});
  expect(fileDigest(other, machine)).toBe(usual);
}
