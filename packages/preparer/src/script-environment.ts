import {dirname, delimiter} from 'node:path';
import {env as inherited, execPath} from 'node:process';
import type {AppNode} from './app-node.ts';
import type {WorkHome} from './work-home.ts';

// What compilers, package managers and the network need. Neither tokens nor anything else that only happens to be set here: install
// scripts are other people's programs.
const KEPT =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_[A-Z]+|TZ|TMPDIR|XDG_CACHE_HOME|COREPACK_HOME|(https?|no|all)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|CC|CXX|AR|(C|CXX|CPP|LD)FLAGS|MAKE|MAKEFLAGS|JOBS|PYTHON|PKG_CONFIG_PATH|npm_config_(cache|registry|cafile|nodedir|python|proxy|https_proxy|noproxy|store_dir))$/i;
// For the package manager itself, which runs no script while it installs: a private registry's token and settings, too.
const INSTALLING = /^(npm_config_|NPM_|NODE_AUTH_TOKEN$|YARN_|PNPM_)/i;
// What another user could not write to.
const OURS =
  /^(TMPDIR|XDG_CACHE_HOME|COREPACK_HOME|USER|LOGNAME|SHELL|npm_config_(cache|store_dir|prefix|userconfig|globalconfig))$/i;
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

interface Scripts {
  readonly installing: boolean;
  /** In the place of ours. */
  readonly home?: WorkHome | undefined;
  readonly node?: AppNode | undefined;
}

/** The environment of install scripts, or (`installing`) of the package manager; the app's Node comes first on PATH, then this one. */
export function scriptEnvironment(
  {installing, home, node}: Scripts,
  from: Readonly<Record<string, string | undefined>> = inherited,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || (home?.another === true && OURS.test(name))) continue;
    if (KEPT.test(name) || (installing && INSTALLING.test(name))) kept[name] = value;
  }
  if (home !== undefined) kept['HOME'] = home.path;
  if (installing && home?.npmrc !== undefined) kept['npm_config_userconfig'] ??= home.npmrc;
  const own = node === undefined ? [] : [dirname(node.program)];
  return {...kept, PATH: [...own, dirname(execPath), kept['PATH'] ?? SYSTEM_PATH].join(delimiter)};
}
