// Makes dist/run.cjs: `keelson run` with all that it always needs, as one CommonJS file, and dist/run-*.cjs: what it loads only when
// it is asked for. A supervisor runs for months: what it does not load takes no memory.
// Also writes the licences of what is inside.
import {readFileSync, readdirSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {basename, dirname, join, relative} from 'node:path';

import {bundleProgram, writeWhole} from '../../scripts/bundle-program.js';

const root = import.meta.dirname;
const require = createRequire(import.meta.url);

/** The flags of the command as `readPlainFlags` takes them; the parser keeps what depends on others or can be switched off. */
async function runFlags() {
  const {Flags} = await import('@keelson/cli-kit');
  const {default: Run} = await import('./dist/cli.js');
  const integer = String(Flags.integer().parse);
  return Object.entries({...Run.baseFlags, ...Run.flags}).flatMap(([name, flag]) => {
    const {char, default: preset, delimiter, helpValue, max, min, multiple, type} = flag;
    if (flag.options || flag.exclusive || flag.dependsOn || flag.allowNo || typeof preset === 'function')
      return [];
    const kind = type === 'boolean' ? 'boolean' : String(flag.parse) === integer ? 'integer' : 'value';
    return [{name, char, kind, helpValue, multiple, delimiter, min, max, default: preset}];
  });
}

/** Modules of Node that take memory, and that most supervisors never ask for anything. */
const LATER =
  /^(?:node:)?(?:crypto|dgram|dns\/promises|fs\/promises|http|https|stream\/promises|timers\/promises|tls|zlib)$/;

/** Of `node:fs/promises` what callbacks can do as well, without a class for files and a reader of lines. */
const WITHOUT_CALLBACKS = new Set(['cp', 'open', 'opendir', 'watch']);

/** Plain numbers of a socket would confuse the next `require`: see run-preload.ts of @keelson/graceful. What is not there has none. */
const ONLY_BIG = new Set(['lstat', 'stat']);

/** A function of such a module loads it when it is called. */
const laterModules = {
  name: 'later-modules',
  setup(plugin) {
    plugin.onResolve({filter: LATER}, ({kind, namespace, path}) =>
      namespace === 'later' || kind === 'dynamic-import'
        ? {path, external: true}
        : {path, namespace: 'later'},
    );
    plugin.onLoad({filter: LATER, namespace: 'later'}, async ({path}) => {
      const functions = Object.entries(await import(path)).filter(
        ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name) && name !== 'default',
      );
      const callbacks = path.endsWith('fs/promises') ? await import('node:fs') : {};
      const later = (name) => `require('${path}').${name}(...given)`;
      const called = (name, given) => `require('node:util').promisify(require('node:fs').${name})(${given})`;
      const lines = functions.map(([name]) =>
        ONLY_BIG.has(name)
          ? `export const ${name} = async (...given) => { const big = await ${called(name, 'given[0], {bigint: true}')}; return given[1]?.bigint ? big : ${later(name)}; };`
          : typeof callbacks[name] === 'function' && !WITHOUT_CALLBACKS.has(name)
            ? `export const ${name} = (...given) => ${called(name, '...given')};`
            : `export const ${name} = (...given) => ${later(name)};`,
      );
      const all = `export default new Proxy({}, {get: (_, name) => require('${path}')[name]});`;
      return {contents: [...lines, all].join('\n')};
    });
  },
};

/** Of fs-extra only what Node has as well is used here: its promises, and what takes a descriptor, which these have no function for. */
const asFsExtra = {
  name: 'as-fs-extra',
  setup(plugin) {
    plugin.onResolve({filter: /^fs-extra$/}, ({path}) => ({path, namespace: 'as-fs-extra'}));
    plugin.onLoad({filter: /.*/, namespace: 'as-fs-extra'}, () => ({
      contents: [
        `const {promisify} = require('node:util'); const fs = require('node:fs');`,
        `const ofDescriptors = new Set(['close', 'open', 'read', 'write']);`,
        `export default new Proxy({}, {get: (_, name) => ofDescriptors.has(name) ? promisify(fs[name]) : require('node:fs/promises')[name]});`,
      ].join('\n'),
    }));
  },
};

const OUR_MODULE = /[/\\]packages[/\\]([\w-]+)[/\\](dist[/\\].*\.js)$/;

/** A module that asks where it lies is told where its package is installed: what it looks for is beside it there. */
const ownPlaces = {
  name: 'own-places',
  setup(plugin) {
    plugin.onLoad({filter: OUR_MODULE}, ({path}) => {
      const [, name, file] = OUR_MODULE.exec(path);
      const place = `PLACE_OF(${JSON.stringify(`@keelson/${name}/package.json`)}, ${JSON.stringify(file)})`;
      return {contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', place)};
    });
  },
};

const entries = new Map([['dist/main.js', 'dist/run.cjs']]);

/** What our own modules import when they are asked for it becomes a file of its own. */
const ownFiles = {
  name: 'own-files',
  setup(plugin) {
    plugin.onResolve({filter: /^\.\//}, ({importer, kind, path, resolveDir}) => {
      if (kind !== 'dynamic-import' || !importer.startsWith(join(root, 'dist'))) return undefined;
      const name = `run-${basename(path, '.js')}.cjs`;
      entries.set(relative(root, join(resolveDir, path)), `dist/${name}`);
      return {path: `./${name}`, external: true};
    });
  },
};

const {name: ownName} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const own = `${ownName}/package.json`;
const define = {'performance.now': 'NOW', RUN_FLAGS: JSON.stringify(await runFlags())};
const banner = [
  '// Generated by bundle.js. What else is inside: see THIRD-PARTY-NOTICES.txt',
  // Where `require` would look, without asking it: for a package with `exports` it loads Node's resolver of ES modules. Not so without folders (Plug'n'Play).
  `const PLACE_OF = (name, file) => {
    const fs = require('node:fs');
    const manifest = name === '${own}' ? __dirname + '/../package.json' : require.resolve.paths(name).map((path) => path + '/' + name).find(fs.existsSync) ?? require.resolve(name);
    return new URL(file, require('node:url').pathToFileURL(fs.realpathSync.native(manifest))).href;
  };`,
  'const REQUIRE_LATER = async (name) => { const it = require(name); return it.__esModule ? it : Object.create(it, {default: {value: it}}); };',
  // The global `performance` is a module, too: eleven of Node's own, for a clock that is there anyway.
  'const NOW = () => Number(process.hrtime.bigint()) / 1e6;',
].join('\n');

const write = (file, contents) => writeWhole(join(root, file), contents);

const made = [];
// The loop sees what the bundles before have added.
for (const [entry, outfile] of entries) {
  const text = await bundleProgram(root, {
    entry,
    outfile,
    external: ['prom-client'],
    define,
    banner: {js: banner},
    plugins: [asFsExtra, laterModules, ownPlaces, ownFiles],
  });
  // What we name is loaded as CommonJS, for Node's loader of ES modules takes memory; a plugin of the user's may be either.
  made.push([outfile, text.replace(/\bimport\((?=")/g, 'REQUIRE_LATER(')]);
}
/** What is inside of a bundle, and whose dependency it is. */
const INSIDE = [
  ['dotenv', '@keelson/env', 'run.cjs'],
  ['zod', '@keelson/manifest', 'run-read-processes.cjs'],
];
const notices = INSIDE.map(([name, of, file]) => {
  const theirs = createRequire(require.resolve(`${of}/package.json`));
  const licence = readFileSync(join(dirname(theirs.resolve(`${name}/package.json`)), 'LICENSE'), 'utf8');
  return `${file} holds code of ${name}, under its own licence.\n\n${licence}`;
});
write('dist/THIRD-PARTY-NOTICES.txt', notices.join('\n\n'));
for (const [file, text] of made.reverse()) write(file, text);
for (const file of readdirSync(join(root, 'dist')))
  if (/^run-.*\.cjs$/.test(file) && !made.some(([path]) => path === `dist/${file}`))
    rmSync(join(root, 'dist', file));
