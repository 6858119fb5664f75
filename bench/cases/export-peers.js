// Of nasty but legal values, and of ordinary commands: how many reach the program through the units of each exporter, started in a
// real systemd. Needs root, for the box, and ruby-foreman of Debian. Counted, not timed.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

import {needPrograms, npmPeer} from '../peers.js';

const SHOW = `
import {writeFileSync, renameSync} from 'node:fs';
const {OUT, V} = process.env;
writeFileSync(OUT + '.new', JSON.stringify({argv: process.argv.slice(2), cwd: process.cwd(), V, FOO: process.env.FOO}));
renameSync(OUT + '.new', OUT);
`;
const BATCH = 32;
const TAKES_SCRIPT = 'strong-service-systemd 1.2.3';
// Nobody new for so long: the others do not come.
const PATIENCE_MS = 15_000;

/** Directories and programs that the commands expect. */
function writeApp(app) {
  mkdirSync(join(app, 'sub'), {recursive: true});
  mkdirSync(join(app, 'node_modules/.bin'), {recursive: true});
  writeFileSync(join(app, 'show.mjs'), SHOW);
  writeFileSync(join(app, 'a.glob'), '');
  writeFileSync(join(app, 'run.sh'), '#!/bin/sh\nexec node show.mjs "$@"\n', {mode: 0o755});
  writeFileSync(join(app, 'node_modules/.bin/tool'), '#!/bin/sh\nexec node show.mjs tool "$@"\n', {
    mode: 0o755,
  });
}

function filesOf(directory) {
  return readdirSync(directory, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) => ({name: entry.name, content: readFileSync(join(entry.parentPath, entry.name), 'utf8')}));
}

/** Each takes cases and gives the files of each; none where it refuses one. */
function exporters({root, work, render}) {
  const nf = npmPeer('foreman', '3.0.1', 'nf.js');
  const strong = createRequire(import.meta.url)(npmPeer('strong-service-systemd', '1.2.3', 'index.js'));
  const ruby = join(root, 'bench/programs/export-foreman.rb');
  const out = (name) => join(work, 'units', name);
  const written = (name) => (existsSync(out(name)) ? filesOf(out(name)) : []);
  const ours = async ({name, cwd, command, env}) => {
    const programs = {node: process.execPath};
    const processes = [{name: 'web', command, env, restart: {policy: 'no'}}];
    const {files} = await render('systemd', {schema: 1, name, root: cwd, programs, processes});
    return files.map(({path, content}) => ({name: path, content}));
  };
  return {
    keelson: (cases) => Promise.all(cases.map(ours)),
    'foreman 0.87 (Ruby)': (cases) => {
      const input = JSON.stringify(cases.map((one) => ({...one, out: out(one.name)})));
      const {status, stderr} = spawnSync('ruby', [ruby], {input, encoding: 'utf8'});
      if (status !== 0) throw new Error(stderr);
      return cases.map(({name}) => written(name));
    },
    // Its units name the file of the configuration, for systemd to read: it gets one that systemd reads right.
    'foreman 3.0.1 (npm)': async (cases) => {
      const configurations = (await Promise.all(cases.map(ours))).map((files) =>
        files.find((file) => file.name.endsWith('.env')),
      );
      return cases.map(({name, cwd, command}, index) => {
        const given = join(work, 'given', name);
        mkdirSync(given, {recursive: true});
        mkdirSync(out(name), {recursive: true});
        writeFileSync(join(given, 'Procfile'), `web: ${command}\n`);
        writeFileSync(join(given, '.env'), configurations[index].content);
        const files = ['-j', join(given, 'Procfile'), '-e', join(given, '.env'), '-o', out(name)];
        const argv = [nf, 'export', ...files, '-a', name, '-u', 'root', '-t', 'systemd'];
        const {status} = spawnSync(process.execPath, argv, {cwd});
        return status === 0 ? written(name) : [];
      });
    },
    [TAKES_SCRIPT]: (cases) =>
      cases.map(({name, cwd, env}) => {
        const script = join(cwd, 'show.mjs');
        const content = strong({name, user: 'root', group: 'root', cwd, script, env});
        return [{name: `${name}.service`, content}];
      }),
  };
}

/** What a shell in the app's directory gives the program. */
async function asShell(box, {cwd, command, out}) {
  const env = [
    `OUT=${out}`,
    'PORT=5000',
    'PS=web.1',
    `PATH=${join(cwd, 'node_modules/.bin')}:/usr/local/bin:/usr/bin:/bin`,
  ];
  await box.must(['env', '-i', '-C', cwd, ...env, '/bin/sh', '-c', command]);
  return JSON.parse(await box.read(out));
}

async function shownIn(box, cases, units) {
  const named = units.flatMap((files) => files.map(({name}) => name));
  // The app as a whole, as its users start it; foreman's services stop at once without their target.
  const services = cases.flatMap(({name}) =>
    [`${name}.target`, `${name}.service`, `foreman-${name}.target`]
      .filter((unit) => named.includes(unit))
      .slice(0, 1),
  );
  const tree = units.flat().map(({name, content}) => [join('/etc/systemd/system', name), content]);
  await box.write(Object.fromEntries(tree));
  await box.run(['systemctl', 'daemon-reload']);
  await box.run(['systemctl', 'start', '--no-block', ...services]);
  const outs = cases.map(({env}) => env.OUT.slice('/out/'.length));
  const arrived = async () => {
    const {stdout} = await box.run(['ls', '/out']);
    return outs.filter((one) => stdout.split('\n').includes(one)).length;
  };
  for (let there = 0, since = Date.now(); there < outs.length && Date.now() - since < PATIENCE_MS;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const now = await arrived();
    if (now > there) since = Date.now();
    there = now;
  }
  await box.run(['systemctl', 'stop', ...services]);
  return Promise.all(cases.map(({env}) => box.read(env.OUT).then(JSON.parse, () => undefined)));
}

export default async function exportPeers({root, work}) {
  needPrograms(['ruby'], 'apt-get install ruby-foreman');
  const module = (path) => import(pathToFileURL(join(root, path)).href);
  const {renderUnits: render} = await module('packages/exporter/dist/index.js');
  const {systemdBox} = await module('packages/test-kit/dist/index.js');
  const {COMMANDS, VALUES} = await module('packages/exporter/dist-test/nasty.js');
  const cwd = join(work, 'app');
  writeApp(cwd);
  const box = await systemdBox({bind: [work]});
  try {
    await box.must(['mkdir', '-p', '/out']);
    // Ruby's foreman starts login shells: not those of whoever measures.
    await box.must(['rm', '-f', '/root/.bash_profile', '/root/.bash_login', '/root/.profile']);
    await box.must(['ln', '-sf', process.execPath, '/usr/local/bin/node']);
    const wanted = [];
    for (const [index, command] of Object.values(COMMANDS).entries())
      wanted.push(await asShell(box, {cwd, command, out: `/out/wanted${index}`}));
    const rows = [];
    for (const [at, [tool, units]] of Object.entries(exporters({root, work, render})).entries()) {
      const score = async (cases) => {
        let kept = 0;
        for (let from = 0; from < cases.length; from += BATCH) {
          const batch = cases.slice(from, from + BATCH);
          const shown = await shownIn(box, batch, await units(batch));
          kept += batch.filter(({fits}, index) => fits(shown[index])).length;
        }
        return `${kept} of ${cases.length}`;
      };
      const named = (id) => ({
        name: `t${at}${id}x`,
        cwd,
        env: {OUT: `/out/t${at}${id}`, PORT: '5000', PS: 'web.1'},
      });
      const values = Object.values(VALUES).map((V, index) => {
        const one = named(`v${index}`);
        return {...one, command: 'node show.mjs', env: {...one.env, V}, fits: (shown) => shown?.V === V};
      });
      const commands = Object.values(COMMANDS).map((command, index) => ({
        ...named(`c${index}`),
        command,
        fits: (shown) => shown !== undefined && JSON.stringify(shown) === JSON.stringify(wanted[index]),
      }));
      const ofCommands = tool === TAKES_SCRIPT ? 'takes no command' : `${await score(commands)} commands`;
      const facts = `${await score(values)} values, ${ofCommands}`;
      // It takes minutes.
      process.stderr.write(`bench: ${tool}: ${facts}\n`);
      rows.push({name: tool, facts});
    }
    return rows;
  } finally {
    await box[Symbol.asyncDispose]();
  }
}
