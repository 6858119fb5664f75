import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import type {ServiceModel, ServiceProcess} from '@keelson/exporter';
import {packageRoot} from '@keelson/test-kit';

const fixture = (name: string) =>
  JSON.parse(readFileSync(join(packageRoot(import.meta.url), 'test/fixtures', name), 'utf8')) as Record<
    string,
    string
  >;

/** Values that are legal in an environment, and that exporters are known to break. */
export const VALUES: Readonly<Record<string, string>> = {
  ...fixture('env-values.json'),
  ...fixture('own-values.json'),
};

/** Procfile commands of every style. */
export const COMMANDS: Readonly<Record<string, string>> = {
  plain: 'node show.mjs',
  args: 'node show.mjs a b  c',
  single: "node show.mjs 'a b' 'it'\\''s'",
  double: 'node show.mjs "a b" "say \\"hi\\""',
  escaped: 'node show.mjs a\\ b \\"',
  empty: "node show.mjs '' x",
  percent: 'node show.mjs 50% %i %n',
  hash: 'node show.mjs a#b',
  assignment: 'FOO=bar node show.mjs',
  assignments: "A=1 B='2 3' node show.mjs",
  variable: 'node show.mjs $PORT',
  braces: 'node show.mjs ${PORT}x "$PS"',
  fallback: 'node show.mjs ${NONE:-fallback}',
  substitution: 'node show.mjs $(echo sub)',
  backtick: 'node show.mjs `echo tick`',
  exec: 'exec node show.mjs x',
  env: 'env FOO=baz node show.mjs',
  cd: 'cd sub && node ../show.mjs',
  and: 'true && node show.mjs and',
  semicolon: 'true; node show.mjs semicolon',
  redirect: 'node show.mjs redirected 2>/dev/null',
  pipe: 'echo piped | node show.mjs in',
  glob: 'node show.mjs *.glob',
  dollar: "node show.mjs '$HOME' \\$x",
  backslash: "node show.mjs 'C:\\new\\dir'",
  bin: 'tool x',
  relative: './run.sh x',
  subshell: '(node show.mjs sub)',
  literal: "echo 'a' && node show.mjs --pct 50%",
};

export function model(process: Partial<ServiceProcess> = {}, app: Partial<ServiceModel> = {}): ServiceModel {
  return {
    schema: 1,
    name: 'shop',
    root: '/srv/shop/current',
    programs: {node: '/usr/bin/node'},
    image: 'registry.example/shop:1',
    processes: [{name: 'web', command: 'node server.js', ...process}],
    ...app,
  };
}

/** What a value is where no file of the format can hold it, by the format. */
export const REFUSED: Readonly<Record<string, readonly string[]>> = {
  // HCL composes letters.
  nomad: ['combining'],
  winsw: ['esc', 'bell', 'vtab', 'formfeed', 'soh'],
  // Nor is a property longer than 4095 bytes.
  smf: ['esc', 'bell', 'vtab', 'formfeed', 'soh', 'long'],
};
