import {readFile} from 'node:fs/promises';
import {delimiter, dirname, join} from 'node:path';

/** A package script as a shell line, and what package managers add to its environment. */
export interface PackageScript {
  readonly line: string;
  readonly env: Readonly<Record<string, string>>;
}

interface PackageJson {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly scripts?: Readonly<Record<string, unknown>>;
}

/** `npm start`, `npm run NAME [-- ARGS]`, `yarn NAME`, `pnpm run NAME`, `node --run NAME`, with quiet flags at most. */
const CALL =
  /^\s*(?:(npm|pnpm|yarn)(?:\s+(?:-s|--silent))*(\s+(?:run|run-script))?\s+|(node)\s+--run[\s=])([\w:.][\w:.-]*)(?:\s+(.*))?$/s;
/** What npm runs without `run`; any other word is a command of npm's own. */
const NPM_SHORTHAND = new Set(['start', 'stop', 'test', 'restart']);
const MOST_CALLS = 5;

/**
 * Package managers close inherited descriptors, so a server behind `npm start` could never take the socket: the script
 * is run directly instead, in the environment that npm gives it. Undefined when the command is no such call, or one
 * whose answer only the package manager knows (a missing script, a workspace flag).
 */
export async function packageScript(
  command: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<PackageScript | undefined> {
  let found: PackageScript | undefined;
  let line = command;
  for (let calls = 0; calls < MOST_CALLS; calls++) {
    const call = parseCall(line);
    const next = call && (await resolve(call, cwd, env));
    if (!next) break;
    found = next;
    line = next.line;
  }
  return found;
}

interface Call {
  readonly manager: string;
  readonly script: string;
  readonly args: string;
}

function parseCall(line: string): Call | undefined {
  const match = CALL.exec(line);
  if (!match || /[;&|<>()`\n]/.test(line)) return undefined;
  const [, named, run, node, script = '', rest = ''] = match;
  const manager = named ?? node!;
  if (manager === 'npm' && !run && !NPM_SHORTHAND.has(script)) return undefined;
  const [before, args = before] = manager === 'pnpm' ? [rest] : splitAtDashes(rest);
  // npm and node take what is in front of `--` for options of their own.
  const isOwn = manager === 'npm' || manager === 'node';
  if (isOwn && /(?:^|\s)-/.test(before)) return undefined;
  return {manager, script, args: isOwn && args !== before ? `${before} ${args}`.trim() : args};
}

function splitAtDashes(text: string): [before: string, after?: string] {
  const match = /^(.*?)(?:^|\s)--(?:\s+(.*)|$)/s.exec(text);
  return match ? [match[1] ?? '', match[2] ?? ''] : [text];
}

async function resolve(
  {manager, script, args}: Call,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<PackageScript | undefined> {
  const path = join(cwd, 'package.json');
  const manifest = await readManifest(path);
  const textOf = (name: string): string | undefined => {
    const text = manifest?.scripts?.[name];
    return typeof text === 'string' && text.trim() !== '' ? text : undefined;
  };
  const body = textOf(script);
  if (!manifest || body === undefined) return undefined;
  const main = args ? `${body} ${args}` : body;
  // Only npm and yarn 1 run these without being asked.
  const around = manager === 'npm' || manager === 'yarn';
  const before = around ? textOf(`pre${script}`) : undefined;
  const after = around ? textOf(`post${script}`) : undefined;
  const parts = [before, main, after].filter((part) => part !== undefined);
  return {
    line: parts.length === 1 ? main : parts.map((part) => `{ ${part}\n}`).join(' && '),
    env: {
      PATH: [...binFolders(cwd), env['PATH']].filter(Boolean).join(delimiter),
      INIT_CWD: cwd,
      npm_lifecycle_event: script,
      npm_lifecycle_script: body,
      npm_package_json: path,
      npm_package_name: textOr(manifest.name),
      npm_package_version: textOr(manifest.version),
    },
  };
}

const textOr = (value: unknown): string => (typeof value === 'string' ? value : '');

async function readManifest(path: string): Promise<PackageJson | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as PackageJson) : undefined;
  } catch {
    // None, or not JSON: the package manager says so better than we could.
    return undefined;
  }
}

/** `node_modules/.bin` of the directory and of all above it, nearest first. */
function binFolders(cwd: string): string[] {
  const parent = dirname(cwd);
  return [join(cwd, 'node_modules/.bin'), ...(parent === cwd ? [] : binFolders(parent))];
}
