import {execFile, spawn} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {extractArchive, runtimeFacts, writeArchive, type Archive} from '@keelson/archive';
import {git, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

export interface PushedApp extends TestDirectory {
  /** A work tree on `main` that holds a built archive, with one commit. */
  readonly clone: string;
  readonly archive: Archive;
  /** Builds another version into the work tree and commits it. */
  change(tree: Tree, message: string): Promise<string>;
  git(...args: string[]): Promise<string>;
  /** A file of the work tree. */
  bytes(path: string): Promise<Uint8Array>;
}

/** What `keelson build` would have made of a tiny app, in a clone that is ready to be pushed. */
export async function pushedApp(tree: Tree = {'server.js': 'console.log(1);\n'}): Promise<PushedApp> {
  const dir = await testdir({});
  const clone = dir.at('clone');
  const inClone = (...args: string[]) => git(clone, ...args);
  let count = 0;
  const build = async (files: Tree) => {
    count++;
    await dir.write(
      Object.fromEntries(
        Object.entries({'package.json': '{"name":"web","version":"1.0.0"}', ...files}).map(
          ([path, entry]) => [`app${count}/${path}`, entry],
        ),
      ),
    );
    const facts = {
      name: 'web',
      version: `1.0.${count}`,
      source: {},
      builder: 'test',
      node: runtimeFacts(),
      packageManager: {name: 'npm'},
      scripts: [],
      processTypes: ['web'],
      required: [],
      addons: [],
    };
    return writeArchive(dir.at(`app${count}`), {facts, to: dir.at(`web-${count}.tgz`)});
  };
  const put = async (archive: Archive) => {
    await extractArchive(archive, dir.at(`out${count}`));
    // The files of the archive, whatever was there before, but for .git.
    await run('sh', [
      '-c',
      'find "$1" -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {} +; cp -a "$2/." "$1"',
      'sh',
      clone,
      dir.at(`out${count}`),
    ]);
    await inClone('add', '--all', '--force');
  };
  const archive = await build(tree);
  await git(dir.path, 'init', '--quiet', '--initial-branch=main', clone);
  // A plain `git add` would convert line endings where a dependency asks for it.
  await dir.write({'clone/.git/info/attributes': '* -text -filter -ident\n'});
  await put(archive);
  await inClone('commit', '--quiet', '--message', 'first');
  return Object.assign(dir, {
    clone,
    archive,
    git: inClone,
    bytes: (path: string) => readFile(`${clone}/${path}`),
    change: async (files: Tree, message: string) => {
      await put(await build(files));
      await inClone('commit', '--quiet', '--message', message);
      return inClone('rev-parse', 'HEAD');
    },
  });
}

export interface GitRun {
  /** SIGKILL to it and its git-remote-http. */
  kill(): void;
  readonly ended: Promise<{readonly code: number | null; readonly stderr: string}>;
  /** Resolves when git has printed a line that holds this text. */
  said(text: string): Promise<void>;
}

/** A real git, watched while it runs. */
export function startGit(cwd: string, ...args: string[]): GitRun {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const child = spawn('git', args, {
    cwd,
    env: {
      ...Object.fromEntries(inherited),
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      LC_ALL: 'C',
    },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    watchers.forEach((check) => check());
  });
  const ended = new Promise<{code: number | null; stderr: string}>((resolve) => {
    child.on('close', (code) => resolve({code, stderr}));
  });
  return {
    kill: () => void process.kill(-child.pid!, 'SIGKILL'),
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const check = () => void (stderr.includes(text) && resolve());
        watchers.add(check);
        check();
        void ended.then(() => reject(new Error(`git ended without ${JSON.stringify(text)}:\n${stderr}`)));
      }),
  };
}

/** `git push` to its end; never throws. */
export async function push(
  cwd: string,
  ...args: string[]
): Promise<{code: number | null; lines: string[]; stderr: string}> {
  const {code, stderr} = await startGit(cwd, 'push', '--quiet', ...args).ended;
  const lines = stderr
    .split('\n')
    .filter((line) => line.startsWith('remote: '))
    .map((line) => line.slice('remote: '.length).trimEnd());
  return {code, stderr, lines};
}

export function repositoryOf(root: string, app = 'web'): string {
  return join(root, app, '.keelson/repository.git');
}

async function run(command: string, args: string[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    execFile(command, args, (error) => (error === null ? resolve() : reject(error)));
  });
}
