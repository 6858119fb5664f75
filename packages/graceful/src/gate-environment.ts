import {fileURLToPath} from 'node:url';

const VARIABLE = 'KEELSON_GATE';
const NO_REQUIRE = /(^|\s)--no-(experimental-)?require-module(\s|$)/;

/** What a supervisor tells a worker's preload. */
export interface GateSettings {
  /** The port that the app will ask for, and the address that its socket is bound to. */
  readonly port: number;
  readonly host: string;
  /** The inherited descriptor of that socket. Undefined for a worker of node:cluster, whose primary listens. */
  readonly fd?: number | undefined;
  /** Path for the private unix socket; further ones get `.2`, `.3` … behind it. At most 100 bytes. */
  readonly socket: string;
  /** What a drain gets when the supervisor has died, at most 2.5 s. */
  readonly graceMs: number;
  /** When the event loop stands still for so long, the process prints where and is killed. Default: never. */
  readonly hangMs?: number | undefined;
  /** Answered for the app on its own port: 200, or 503 once the supervisor leaves. Default: nothing is. */
  readonly healthPath?: string | undefined;
}

/**
 * The environment of a worker: `env` with the preload in front of its NODE_OPTIONS. The worker's preload takes this
 * out again, so that what the app starts does not see it.
 * @param nodeOptions further options for the worker alone; those in `env` win over them
 */
export function gateEnvironment(
  env: Readonly<Record<string, string>>,
  settings: GateSettings,
  nodeOptions: readonly string[] = [],
): Record<string, string> {
  const own = env['NODE_OPTIONS'];
  const words = [...nodeOptions, preloadOption(own), ...(own ? [own] : [])];
  return {...env, NODE_OPTIONS: words.join(' '), [VARIABLE]: JSON.stringify({...settings, nodeOptions: own})};
}

function preloadOption(own = ''): string {
  // Without `require` of ES modules there is only --import. A file URL has no character that NODE_OPTIONS would need quoted.
  if (NO_REQUIRE.test(own)) return `--import=${new URL('./import-preload.js', import.meta.url).href}`;
  // Blanks part words, `"` quotes, and a backslash escapes inside of quotes alone (node(1)).
  const path = fileURLToPath(new URL('./preload.cjs', import.meta.url));
  return `--require=${/[ "\\]/.test(path) ? `"${path.replace(/["\\]/g, String.raw`\$&`)}"` : path}`;
}

/** The other end: reads the settings and gives `env` its old NODE_OPTIONS back. */
export function takeGateSettings(env: Record<string, string | undefined>): GateSettings | undefined {
  const text = env[VARIABLE];
  if (text === undefined) return undefined;
  const {nodeOptions, ...settings} = JSON.parse(text) as GateSettings & {nodeOptions?: string};
  delete env[VARIABLE];
  if (nodeOptions === undefined) delete env['NODE_OPTIONS'];
  else env['NODE_OPTIONS'] = nodeOptions;
  return settings;
}
