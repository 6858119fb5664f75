import {isAbsolute, join} from 'node:path';
import {userHome} from '@keelson/atomic-fs';

/** What the password file says of who has none (Debian policy 9.2.3): nothing can be kept there. */
const NO_HOME = '/nonexistent';

/**
 * Where this user's caches of ours lie: `$XDG_CACHE_HOME/keelson`, else `~/.cache/keelson`.
 * https://specifications.freedesktop.org/basedir-spec/latest/ (a relative path does not count)
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(base) ? base : join(userHome() ?? NO_HOME, '.cache'), 'keelson');
}
