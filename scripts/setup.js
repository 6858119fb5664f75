// `npm run setup`: everything a fresh clone needs, with nothing but node, npm and git on the machine.
// Quick when nothing changed: the lockfile's digest is kept beside node_modules and `tsc -b` is incremental.
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

const PNPM = '12.21.0';
const root = join(import.meta.dirname, '..');
const stamp = join(root, 'node_modules', '.keelson-setup');

/** Runs a command in the repository; its output goes to stderr, so that stdout stays the caller's. */
function run(title, command, args) {
  const started = performance.now();
  const {status, error} = spawnSync(command, args, {cwd: root, stdio: ['ignore', 2, 2]});
  if (status !== 0) {
    process.stderr.write(`setup: ${title} failed: ${error?.message ?? `${command} ended with ${status}`}\n`);
    process.exit(status ?? 1);
  }
  const seconds = (performance.now() - started) / 1000;
  if (seconds > 1.5) process.stderr.write(`setup: ${title} took ${seconds.toFixed(1)} s\n`);
}

/** pnpm of this machine when it reads our lockfile, else the pinned one through npx (corepack is never needed). */
function pnpmCommand() {
  const found = spawnSync('pnpm', ['--version'], {cwd: root, encoding: 'utf8'});
  const [major = 0, minor = 0] = (found.stdout ?? '').split('.').map(Number);
  const usable = found.status === 0 && (major === 12 || (major === 10 && minor >= 26));
  return usable ? {command: 'pnpm', prefix: []} : {command: 'npx', prefix: ['--yes', `pnpm@${PNPM}`]};
}

function lockDigest() {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'];
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function install() {
  const digest = lockDigest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  process.stderr.write('setup: installing dependencies\n');
  const {command, prefix} = pnpmCommand();
  run('install', command, [...prefix, 'install', '--frozen-lockfile', '--reporter=append-only']);
  writeFileSync(stamp, digest);
}

/** What starts quickly because it is one file: what makes it, what it makes, and whose code is in it. */
const BUNDLES = [
  {of: 'packages/cli-kit', makes: 'dist/bundle.js', from: ['packages/cli-kit']},
  {
    of: 'packages/log-tagger',
    makes: 'dist/tag.cjs',
    from: ['packages/cli-kit', 'packages/log-tagger', 'packages/step'],
  },
  {
    of: 'tools/foreman',
    makes: `dist/start.cjs.${process.version}.cache`,
    from: ['cli-kit', 'env', 'log-tagger', 'procfile', 'spawn', 'step']
      .map((name) => `packages/${name}`)
      .concat('tools/foreman'),
  },
  {
    of: 'packages/supervisor',
    makes: 'dist/run.cjs',
    from: [
      'cli-kit',
      'env',
      'graceful',
      'log-tagger',
      'procfile',
      'resource-limits',
      'spawn',
      'step',
      'supervisor',
    ].map((name) => `packages/${name}`),
  },
];

function build() {
  run('compile', process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']);
  for (const {of, makes, from} of BUNDLES) {
    const bundler = join(root, of, 'bundle.js');
    // tsc writes its .tsbuildinfo whenever it writes anything else.
    const sources = [bundler, join(root, 'scripts/bundle-program.js'), join(root, of, 'package.json')].concat(
      from.map((folder) => join(root, folder, 'dist/.tsbuildinfo')),
    );
    const made = statSync(join(root, of, makes), {throwIfNoEntry: false})?.mtimeMs ?? 0;
    if (sources.some((file) => statSync(file).mtimeMs > made))
      run(`bundle of ${of}`, process.execPath, [bundler]);
  }
}

if (!process.argv.includes('--build-only')) install();
build();
