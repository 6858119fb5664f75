import {homedir} from 'node:os';
import {isAbsolute, join} from 'node:path';

/**
 * Where this user's caches of ours lie: `$XDG_CACHE_HOME/keelson`, else `~/.cache/keelson`.
 * https://specifications.freedesktop.org/basedir-spec/latest/ (a relative path does not count)
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(base) ? base : join(homedir(), '.cache'), 'keelson');
}
