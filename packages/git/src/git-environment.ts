import {env as inherited} from 'node:process';

export type Environment = Readonly<Record<string, string>>;

// What a person or a CI job sets so that git reaches a remote or may read a work tree. Every other GIT_* would point our git elsewhere
// (a hook runs with GIT_DIR, GIT_INDEX_FILE and GIT_QUARANTINE_PATH set), ask questions, or write traces among the remote's lines.
const KEPT =
  /^GIT_(SSH|SSH_COMMAND|SSH_VARIANT|SSL_\w+|PROXY_\w+|HTTP_LOW_SPEED_\w+|EXEC_PATH|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM))$/;

// Programs that would open a window or wait at a terminal.
const ASKING = new Set(['SSH_ASKPASS', 'SSH_ASKPASS_REQUIRE', 'EDITOR', 'VISUAL', 'PAGER']);

const ALWAYS: Environment = {
  LC_ALL: 'C',
  LANGUAGE: '',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_ADVICE: '0',
  GIT_NO_LAZY_FETCH: '1',
};

/** For work trees and remotes of the user: with their configuration (safe.directory, proxies, certificates, credential helpers). */
export function userEnvironment(): Environment {
  return {...scrubbed((name) => KEPT.test(name)), ...ALWAYS};
}

/** For repositories of our own: the same result on every machine, whatever is configured there. */
export function ownEnvironment(gitDir: string): Environment {
  return {
    ...scrubbed((name) => name === 'GIT_EXEC_PATH'),
    ...ALWAYS,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_DIR: gitDir,
  };
}

/** `-c` options that take the sting out of a user's or a repository's configuration: no hooks, no background programs, no conversion. */
export const NEUTRAL = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.autocrlf=false',
  'core.attributesFile=/dev/null',
  'core.bigFileThreshold=16m', // what is larger is streamed and not held in memory
  'commit.gpgSign=false',
  'push.gpgSign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'color.ui=false',
  'color.remote=false',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
].flatMap((setting) => ['-c', setting]);

function scrubbed(keep: (name: string) => boolean): Environment {
  const entries = Object.entries(inherited).filter(
    ([name]) => !ASKING.has(name) && (!name.startsWith('GIT_') || keep(name)),
  );
  return Object.fromEntries(entries) as Environment;
}
