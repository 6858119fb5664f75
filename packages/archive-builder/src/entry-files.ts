import {lstatSync, readFileSync, realpathSync, statSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join, relative} from 'node:path';
import {readProcfile} from '@keelson/procfile';
import {isFault, type StepOptions} from '@keelson/step';
import {BuildFault} from './fault.ts';
import {readPackageJson} from './read-package-json.ts';

export interface EntryFiles {
  /** Absolute real paths of what Node loads first. */
  readonly loaded: ReadonlySet<string>;
  /** Relative paths of links in `node_modules/.bin` that commands go through. */
  readonly links: ReadonlySet<string>;
}

type Scripts = Readonly<Record<string, string>>;

// Scripts may name one another; in a circle npm would not end either.
const DEEPEST = 10;
const EXTENSIONS = ['', '.js', '.cjs', '.mjs', '/index.js'];
const PRELOAD = /^(-r|--require|--import|--loader)$/;

/** What the commands of the Procfile load; without one, what package.json starts with. Faults: BUILD_TRACE. */
export async function entryFiles(base: string, scripts: Scripts, options: StepOptions): Promise<EntryFiles> {
  const loaded = new Set<string>();
  const links = new Set<string>();
  for (const {name, command} of await commandsOf(base, scripts, options)) {
    const files = filesOf(base, command, scripts);
    for (const {path, link} of files) {
      loaded.add(path);
      if (link !== undefined) links.add(link);
    }
    if (files.length > 0) continue;
    throw new BuildFault(
      'BUILD_TRACE',
      `${name} (${JSON.stringify(command)}) names no file of the app, so nobody knows what it reaches`,
      {hint: 'Name the file that Node loads, as in "web: node server.js"; or build without --trace.'},
    );
  }
  return {loaded, links};
}

async function commandsOf(
  base: string,
  scripts: Scripts,
  options: StepOptions,
): Promise<readonly {readonly name: string; readonly command: string}[]> {
  try {
    return (await readProcfile(base, options)).types;
  } catch (error) {
    if (!isFault(error) || error.code !== 'PROCFILE_MISSING') throw error;
  }
  const {main} = readPackageJson(join(base, 'package.json')) as {main?: string};
  const command = scripts['start'] ?? `node ${main ?? 'index.js'}`;
  return [{name: 'package.json', command}];
}

interface EntryFile {
  readonly path: string;
  readonly link?: string | undefined;
}

/** Every word that is a file of the app or a program of a dependency; of `npm run x` those of the script. */
function filesOf(base: string, command: string, scripts: Scripts, depth = 0): EntryFile[] {
  const words = [...command.matchAll(/"([^"]*)"|'([^']*)'|[^\s"';&|()]+/g)].map(
    ([word, double, single]) => double ?? single ?? word,
  );
  const script = /(?:^|\s)(?:npm|pnpm|yarn)\s+(?:run\s+)?(?:-\S+\s+)*([\w:.-]+)/.exec(command)?.[1];
  const called = script === undefined || depth > DEEPEST ? undefined : scripts[script];
  const further = called === undefined ? [] : filesOf(base, called, scripts, depth + 1);
  return [
    ...words.flatMap((word, index) => {
      const preload = PRELOAD.test(words[index - 1] ?? '') || /^--(?:require|import)=/.test(word);
      return preload ? preloaded(base, word.replace(/^--\w+=/, '')) : fileOf(base, word);
    }),
    ...further,
  ];
}

function preloaded(base: string, name: string): EntryFile[] {
  try {
    return [{path: realpathSync(createRequire(join(base, 'package.json')).resolve(name))}];
  } catch {
    return [];
  }
}

function fileOf(base: string, word: string): EntryFile[] {
  if (word.startsWith('-') || word.startsWith('/')) return [];
  for (const extension of EXTENSIONS) {
    const path = join(base, word + extension);
    if (!relative(base, path).startsWith('..') && statSync(path, {throwIfNoEntry: false})?.isFile() === true)
      return [{path: realpathSync(path)}];
  }
  const link = `node_modules/.bin/${word}`;
  if (!/^[\w.-]+$/.test(word) || statSync(join(base, link), {throwIfNoEntry: false})?.isFile() !== true)
    return [];
  // pnpm writes a shell script instead of a link.
  const shim = lstatSync(join(base, link)).isFile() ? shimTarget(base, link) : join(base, link);
  return shim === undefined ? [] : [{path: realpathSync(shim), link}];
}

function shimTarget(base: string, link: string): string | undefined {
  const target = /"\$basedir\/(\.\.\/[^"]+)"\s+"\$@"/.exec(readFileSync(join(base, link), 'utf8'))?.[1];
  return target === undefined ? undefined : join(base, 'node_modules/.bin', target);
}
