// Us against another program, as whole processes: node bench/run.js --help
import {existsSync, mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {availableParallelism, tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';

import {compare} from './measure.js';

const root = join(import.meta.dirname, '..');
const names = readdirSync(join(import.meta.dirname, 'cases'))
  .map((file) => file.replace(/\.js$/, ''))
  .sort();

const USAGE = `Usage: node bench/run.js [CASE…] [-n RUNS] [--json]

Runs ours and another program in turn, as whole processes, and prints the ratio of each pair. Without a CASE all of them, which takes hours.

  -n, --runs RUNS  pairs of each case, default 21
  --json           prints the figures as data
  -h, --help       prints this

Cases: ${names.join(', ')}
`;

/** What was asked for wrongly. */
class UsageError extends Error {}

function options() {
  const {positionals: cases, values} = parseWords();
  const runs = Number(values.runs);
  const unknown = cases.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new UsageError(`no case ${unknown.join(', ')}`);
  if (!Number.isInteger(runs) || runs < 1)
    throw new UsageError(`-n takes a number of runs, not ${JSON.stringify(values.runs)}`);
  return {cases: cases.length > 0 ? cases : names, runs, json: values.json, help: values.help};
}

function parseWords() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        runs: {type: 'string', short: 'n', default: '21'},
        json: {type: 'boolean', default: false},
        help: {type: 'boolean', short: 'h', default: false},
      },
    });
  } catch (error) {
    throw new UsageError(error.message.split('. ')[0]);
  }
}

const columns = ({min, median, max}, digits) =>
  [median, min, max].map((number) => number.toFixed(digits).padStart(9)).join('');

function print(name, {ours, theirs}, {cpu, wall}) {
  const width = Math.max(ours.name.length, theirs.name.length, 24);
  const line = (label, text) => process.stdout.write(`  ${label.padEnd(width)}${text}\n`);
  process.stdout.write(`${name}: ${ours.name} / ${theirs.name}\n`);
  line('', ['median', 'min', 'max'].map((word) => word.padStart(9)).join(''));
  line(ours.name, `${columns(cpu.ours, 0)}   ms CPU`);
  line(theirs.name, `${columns(cpu.theirs, 0)}   ms CPU`);
  line('ratio, pair by pair', `${columns(cpu.ratio, 2)}   CPU`);
  line('', `${columns(wall.ratio, 2)}   wall`);
  process.stdout.write('\n');
}

/** One case: its rows, each of them `{ours, theirs}` with a name and a command. */
async function runCase(name, {json, runs}) {
  const {default: rows} = await import(`./cases/${name}.js`);
  const work = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  try {
    const results = [];
    for (const row of await rows({root, work})) {
      // What is counted and not timed.
      if (row.facts !== undefined) {
        if (!json) process.stdout.write(`${name}: ${row.name}: ${row.facts}\n`);
        results.push({case: name, name: row.name, facts: row.facts});
        continue;
      }
      const figures = await compare(row, runs);
      if (!json) print(name, row, figures);
      results.push({case: name, ours: row.ours.name, theirs: row.theirs.name, runs, ...figures});
    }
    return results;
  } finally {
    rmSync(work, {recursive: true, force: true});
  }
}

async function main() {
  const {cases, help, json, runs} = options();
  if (help) return void process.stdout.write(USAGE);
  if (!existsSync(join(root, 'packages/cli-kit/dist/bundle.js')))
    throw new Error('build first: npm run build');
  const results = [];
  for (const name of cases) results.push(...(await runCase(name, {json, runs})));
  const machine = {cpus: availableParallelism(), node: process.version};
  if (json) process.stdout.write(`${JSON.stringify({kind: 'bench', machine, results}, null, 2)}\n`);
  else process.stdout.write(`${runs} pairs each on ${machine.cpus} CPUs, Node ${machine.node}\n`);
}

process.stdout.on('error', () => process.exit(141)); // | head
await main().catch((error) => {
  const wrong = error instanceof UsageError;
  process.stderr.write(`bench: ${error.message}\n${wrong ? `\n${USAGE}` : ''}`);
  process.exitCode = wrong ? 2 : 1;
});
