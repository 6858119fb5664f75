import {env as inherited} from 'node:process';

// What `npm run` and `npx` leave in the environment about the project they run in, and settings that would change which packages are installed.
// Under `npm run --silent` npm would fail without a word (loglevel). Registry, proxies, certificates, caches and the like are the user's and stay.
const OUTER =
  /^(npm_(lifecycle_|package_|command$|execpath$|node_execpath$)|INIT_CWD$|npm_config_(omit|include|only|also|production|dev|optional|global|location|local_prefix|workspaces?|include_workspace_root|dry_run|package_lock|package_lock_only|ignore_scripts|json|parseable|loglevel)$)/i;

/** The environment of a package manager: the user's, without what belongs to another project, with these on top. */
function managerEnvironment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(inherited).filter(([name]) => !OUTER.test(name));
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    COREPACK_ENABLE_DOWNLOAD_PROMPT: '0',
    ...extra,
  };
}

/** For installing: devDependencies do not depend on the NODE_ENV of whoever builds. */
export function installEnvironment(): Record<string, string> {
  const {NODE_ENV: _, ...environment} = managerEnvironment({});
  return environment;
}

/** For build scripts: `production` unless the user says otherwise (as heroku). */
export function scriptEnvironment(): Record<string, string> {
  return managerEnvironment({NODE_ENV: inherited['NODE_ENV'] ?? 'production'});
}
