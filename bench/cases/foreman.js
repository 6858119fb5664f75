// The Procfile runner against others: 200 000 lines of 100 bytes from one process, and from each of four, into a file. The lines come
// in writes of 64 KiB that end anywhere, and the processes end right after the last byte. Before anything is measured each output
// is read: ours has to hold every line, whole and in order, in at most 90 MiB of memory; what others lose or tear is in their name.
import {spawn, spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {needPrograms, npmPeer} from '../peers.js';

const COUNT = 200_000;
const LINE = 100;
const MAX_RSS_MIB = 90;

function has(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], {stdio: 'ignore'}).status === 0;
}

/** A directory with a Procfile whose processes write the lines. */
function app(work, processes) {
  const dir = join(work, `app-${processes}`);
  mkdirSync(join(dir, 'sync'), {recursive: true});
  const commands = Array.from(
    {length: processes},
    (_, id) => `${join(work, 'write-lines')} ${id} ${COUNT} ${processes} ${dir}/sync`,
  );
  writeFileSync(join(dir, 'Procfile'), commands.map((command, id) => `p${id}: ${command}\n`).join(''));
  writeFileSync(join(dir, '.env'), 'A=1\n');
  return {dir, commands};
}

/** What a runner's output lacks: `lost` lines that are nowhere whole and in their order, `torn` pieces that are no whole line. */
function check(file, processes) {
  const next = Array.from({length: processes}, () => 0);
  const alphabet = 'abcdefghijklmnopqrstuvwxyz'.repeat(6);
  let torn = 0;
  let whole = 0;
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    const [, text, id, digits] = /^[^<]*(<(\d):(\d{7}):[^]*)$/.exec(line) ?? [];
    if (text === undefined) {
      if (/[a-z]{20}>?$/.test(line)) torn++; // the end of a line; all else is the runner's own words
      continue;
    }
    const index = Number(digits);
    const start = (index + 11) % 26;
    const isWhole =
      text === `<${id}:${digits}:${alphabet.slice(start, start + LINE - 13)}>` && index >= next[id];
    if (isWhole) next[id] = index + 1;
    if (isWhole) whole++;
    else torn++;
  }
  return {lost: processes * COUNT - whole, torn};
}

/** Runs it once; resolves with the most memory that it had, in MiB. */
async function memoryOf({command, cwd}) {
  const child = spawn(command[0], command.slice(1), {cwd, stdio: 'ignore'});
  let peak = 0;
  const timer = setInterval(() => {
    try {
      const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      peak = Math.max(peak, Number(kib ?? 0) / 1024);
    } catch {
      // it has ended
    }
  }, 20);
  await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(timer);
  return peak;
}

export default async function foreman({root, work}) {
  needPrograms(['cc'], 'it compiles bench/programs/write-lines.c (Debian: gcc)');
  const source = join(root, 'bench/programs/write-lines.c');
  const compiled = spawnSync('cc', ['-O2', '-o', join(work, 'write-lines'), source], {stdio: 'inherit'});
  if (compiled.status !== 0) throw new Error(`cannot compile ${source}`);

  const {execPath: node} = process;
  const bin = join(root, 'tools/foreman/bin/keelson-foreman.js');
  const nf = npmPeer('foreman', '3.0.1', 'nf.js');
  const concurrently = npmPeer('concurrently', '9.2.5', 'dist/bin/concurrently.js');

  const side = (name, {dir, argv}) => ({
    name,
    // `exec`: what is measured, and whose memory is looked at, is the runner itself.
    command: ['sh', '-c', 'rm -f sync/*; out=$1; shift; exec "$@" > "$out" 2> err', 'sh', 'out', ...argv],
    cwd: dir,
  });
  const checked = async (name, {dir, argv}, processes) => {
    const one = side(name, {dir, argv});
    const rss = await memoryOf(one);
    const {lost, torn} = check(join(dir, 'out'), processes);
    const clean = lost === 0 && torn === 0;
    const facts = `${Math.round(rss)} MiB, ${clean ? 'every line' : `${lost} lost, ${torn} torn`}`;
    if (name.startsWith('keelson') && (!clean || rss > MAX_RSS_MIB)) throw new Error(`${name}: ${facts}`);
    return {...one, name: `${name} (${facts})`};
  };

  const rows = [];
  for (const processes of [1, 4]) {
    const {dir, commands} = app(work, processes);
    const ours = await checked(
      `keelson-foreman ${processes} ×`,
      {dir, argv: [node, bin, 'start']},
      processes,
    );
    const names = commands.map((_, id) => `p${id}`).join(',');
    const others = [
      ['concurrently', [node, concurrently, '--names', names, ...commands]],
      ['nf start', [node, nf, 'start']],
      // Four times as much would take it most of a minute.
      ...(processes === 1 && has('foreman') ? [['ruby-foreman', ['foreman', 'start']]] : []),
      ...(has('hivemind') ? [['hivemind', ['hivemind']]] : []),
    ];
    for (const [name, argv] of others)
      rows.push({ours, theirs: await checked(name, {dir, argv}, processes), exits: [0, 1]});
  }

  const hello = join(work, 'hello');
  mkdirSync(hello);
  writeFileSync(join(hello, 'Procfile'), 'a: echo HELLO\n');
  // Its wall time is what counts: bash ends at the first line, and does not wait for the runner.
  const firstLine = (name, argv) => ({
    name,
    command: [
      'bash',
      '-c',
      'while read -r line; do [[ $line == *HELLO* ]] && exit 0; done < <(exec "$@"); exit 1',
      'bash',
      ...argv,
    ],
    cwd: hello,
  });
  const empty = {name: 'node -e', argv: [node, '-e', 'console.log("HELLO")']};
  return [
    ...rows,
    {
      ours: firstLine('keelson-foreman, first line', [node, bin, 'start']),
      theirs: firstLine('nf, first line', [node, nf, 'start']),
    },
    {
      ours: firstLine(`${empty.name}, first line`, empty.argv),
      theirs: firstLine('nf, first line', [node, nf, 'start']),
    },
    {
      ours: {name: 'keelson-foreman --version', command: [node, bin, '--version']},
      theirs: {name: 'nf --version', command: [node, nf, '--version']},
    },
  ];
}
