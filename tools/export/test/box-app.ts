import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';

import {bin, packageRoot, type SystemdBox, type Tree, until} from '@keelson/test-kit';

/** An account that every Debian has. */
export const USER = 'www-data';
export const USER_ID = 33;

const fixture = (name: string) => join(packageRoot(import.meta.url), 'test/fixtures', name);

/** An app inside a box; what its processes say goes to `out`. */
export interface BoxApp {
  /** The app's directory. */
  readonly dir: string;
  readonly out: string;
  write(tree: Tree): Promise<void>;
  /** Of `out`, sorted. */
  said(): Promise<string[]>;
}

/** Writes `/srv/NAME` with `show.mjs` and these files. */
export async function appIn(box: SystemdBox, name: string, tree: Tree): Promise<BoxApp> {
  const dir = join('/srv', name);
  const out = join('/tmp/out', name);
  const write = (files: Tree) =>
    box.write(Object.fromEntries(Object.entries(files).map(([path, file]) => [join(dir, path), file])));
  await write({'show.mjs': await readFile(fixture('show.mjs'), 'utf8'), ...tree});
  await box.must(['mkdir', '-m', '777', '-p', out]);
  return {dir, out, write, said: async () => (await readdir(join(box.root, out))).sort()};
}

/** Runs `keelson-export` in the box, as root. */
export function exportIn(box: SystemdBox, argv: readonly string[]) {
  return box.run([process.execPath, bin('export'), ...argv]);
}

/** The same; fails with what it said unless it ends with 0. */
export function mustExport(box: SystemdBox, argv: readonly string[]): Promise<string> {
  return box.must([process.execPath, bin('export'), ...argv]);
}

/** What `show.mjs` was given. */
export interface Shown {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly uid: number;
}

export async function shownIn(box: SystemdBox, file: string): Promise<Shown> {
  let text = '';
  const written = async () => {
    text = await box.read(file).catch(() => '');
    return text !== '';
  };
  await until(written, {what: file, timeoutMs: 30_000});
  return JSON.parse(text) as Shown;
}

async function readValues(path: string): Promise<string[]> {
  return Object.values(JSON.parse(await readFile(path, 'utf8')) as Record<string, string>);
}

/** Values that are legal in an environment: those that exporters are known to break, and more than as many again. */
export async function everyValue(): Promise<string[]> {
  const known = join(packageRoot(import.meta.url), '../../packages/exporter/test/fixtures');
  const files = [join(known, 'env-values.json'), join(known, 'own-values.json'), fixture('more-values.json')];
  return (await Promise.all(files.map(readValues))).flat();
}

/**
 * In place of node where a command is run to compare with: what is behind `show.mjs`, where and with which variables, each ended by a NUL.
 */
export const NODE_STAND_IN = `#!/bin/sh
until [ "$#" = 0 ]; do case $1 in *show.mjs) shift; break ;; esac; shift; done
printf '%s\\0' "$PWD" "\${FOO-}" "\${A-}" "\${B-}" "\${HOME-}" "$@" >"$OUT_DIR/$PS"
`;

/** The program of each line says what it got; what is compared with is `sh -c` in the app's directory. */
export const COMMANDS: Readonly<Record<string, string>> = {
  plain: 'node show.mjs',
  args: 'node show.mjs a b  c',
  single: "node show.mjs 'a b' 'it'\\''s'",
  double: 'node show.mjs "a b" "say \\"hi\\""',
  escaped: 'node show.mjs a\\ b \\"',
  empty: "node show.mjs '' x",
  percent: 'node show.mjs 50% %i %n %%',
  hash: 'node show.mjs a#b',
  semicolonquoted: "node show.mjs ';' ';x' 'x;'",
  assignment: 'FOO=bar node show.mjs',
  assignments: "A=1 B='2 3' node show.mjs",
  assignedvariable: 'A=$PORT node show.mjs',
  variable: 'node show.mjs $PORT',
  variables: 'node show.mjs "$PORT" $PORT.$PS ${PORT}',
  braces: 'node show.mjs ${PORT}x "$PS"',
  fallback: 'node show.mjs ${NONE:-fallback}',
  splitting: 'node show.mjs $WORDS "$WORDS"',
  substitution: 'node show.mjs $(echo sub)',
  backtick: 'node show.mjs `echo tick`',
  arithmetic: 'node show.mjs $((PORT + 1))',
  exec: 'exec node show.mjs x',
  env: 'env FOO=baz node show.mjs',
  cd: 'cd sub && node ../show.mjs',
  and: 'true && node show.mjs and',
  or: 'false || node show.mjs or',
  semicolon: 'true; node show.mjs semicolon',
  redirect: 'node show.mjs redirected 2>/dev/null',
  merged: 'node show.mjs merged 2>&1',
  pipe: 'echo piped | node show.mjs in',
  piped: 'node show.mjs out | cat',
  glob: 'node show.mjs *.glob',
  globquoted: "node show.mjs '*.glob' \\*",
  tilde: 'node show.mjs ~ x~',
  dollar: "node show.mjs '$HOME' \\$x",
  backslash: "node show.mjs 'C:\\new\\dir' a\\\\b",
  bin: 'tool x',
  relative: './run.sh x',
  subshell: '(node show.mjs sub)',
  condition: 'if true; then node show.mjs then; fi',
  background: 'node show.mjs & wait',
  literal: "echo 'a' && node show.mjs --pct 50%",
  systemdprefix: "node show.mjs '-x' '@y' '+z' '!w' ':v'",
  unicode: 'node show.mjs żółć 😀',
  options: 'node --title="a b" show.mjs',
  shellsline: 'sh -c \'node show.mjs "$@"\' _ x',
};

export const COMMAND_FILES: Tree = {
  'sub/': '',
  'a.glob': '',
  'b.glob': '',
  'run.sh': {mode: 0o755, content: '#!/bin/sh\nexec node show.mjs "$@"\n'},
  'node_modules/.bin/tool': {mode: 0o755, content: '#!/bin/sh\nexec node show.mjs tool "$@"\n'},
};
