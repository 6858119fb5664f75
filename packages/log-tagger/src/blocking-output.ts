import {fileURLToPath} from 'node:url';

const PRELOAD = fileURLToPath(new URL('./preload.cjs', import.meta.url));
// The preload notes here which pipes the tree of processes has got from us.
const OUTPUT = 'KEELSON_OUTPUT';
// The user's own word there: nothing is changed.
const OFF = 'async';
// Node 20 would refuse to read the preload then, and the program would not start; newer ones let --require read.
const PERMISSION = /(^|\s)--experimental-permission(\s|$)/;

/**
 * The environment of a command whose output we read through pipes: Node programs in it write to them blocking, so that
 * what they said last arrives. Other programs, and what NODE_OPTIONS says already, stay as they are;
 * `KEELSON_OUTPUT=async` in `env` leaves everything as it is.
 */
export function blockingOutput(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) out[name] = value;
  const own = out['NODE_OPTIONS'] ?? '';
  if (out[OUTPUT] === OFF || PERMISSION.test(own)) return out;
  // It names pipes that somebody further up reads; the command's own are new.
  delete out[OUTPUT];
  const preload = `--require=${quoted(PRELOAD)}`;
  if (!own.includes(preload)) out['NODE_OPTIONS'] = `${preload} ${own}`.trim();
  return out;
}

/** As one word of NODE_OPTIONS: blanks part words, `"` quotes, and a backslash escapes inside of quotes alone (node(1)). */
function quoted(path: string): string {
  return /[ "\\]/.test(path) ? `"${path.replace(/["\\]/g, String.raw`\$&`)}"` : path;
}
