import {fileURLToPath} from 'node:url';

const PRELOAD = fileURLToPath(new URL('./preload.cjs', import.meta.url));
// The preload notes here which pipes the tree of processes has got from us.
const OUTPUT = 'KEELSON_OUTPUT';
// Node's permission model (20: --experimental-permission) would refuse to read the preload, and the program would not start.
const PERMISSION = /(^|\s)--(experimental-)?permission(\s|$)/;

/**
 * The environment of a command whose output we read through pipes: Node programs in it write to them blocking, so that
 * what they said last arrives. Other programs, and what NODE_OPTIONS says already, stay as they are.
 */
export function blockingOutput(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const own = env['NODE_OPTIONS'] ?? '';
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && name !== OUTPUT) out[name] = value;
  const preload = `--require=${quoted(PRELOAD)}`;
  if (!PERMISSION.test(own) && !own.includes(preload)) out['NODE_OPTIONS'] = `${preload} ${own}`.trim();
  return out;
}

/** As one word of NODE_OPTIONS: blanks part words, `"` quotes, and a backslash escapes inside of quotes alone (node(1)). */
function quoted(path: string): string {
  return /[ "\\]/.test(path) ? `"${path.replace(/["\\]/g, String.raw`\$&`)}"` : path;
}
