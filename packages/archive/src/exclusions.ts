const JUNK = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\..*\.sw[a-p]|.*~|\.#.*)$/;
const ENV_EXAMPLE = /^\.env\.(example|sample)$/;

// Below node_modules: what records when, where or for whom something was installed. `.package-lock.json` stays: it depends
// on the lockfile alone, and npm reads it.
const VOLATILE =
  /(^|\/)node_modules\/(\.cache|\.vite|\.modules\.yaml|\.pnpm-workspace-state(-v\d+)?\.json|\.yarn-state\.yml|\.yarn-integrity)$/;

const IN_DEPENDENCY = /(^|\/)node_modules\//;

/** Why a file or folder never goes into an archive, by its path. What a dependency brought is its own matter. */
export function whyExcluded(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === '.git') return 'history stays at home';
  if (VOLATILE.test(path)) return 'it changes with every install';
  if (IN_DEPENDENCY.test(path)) return undefined;
  if (name.startsWith('.env') && !ENV_EXAMPLE.test(name)) return 'configuration is bound at deploy time';
  if (JUNK.test(name)) return 'an editor or a file manager left it';
  return undefined;
}

const SECRET_KEY = /(^|:)(_auth|_authToken|_password|key)\s*$/i;

/** Whether the text of an `.npmrc` holds a credential itself; a reference such as `${NPM_TOKEN}` is none. */
export function holdsCredentials(npmrc: string): boolean {
  return npmrc.split('\n').some((line) => {
    if (/^\s*[;#]/.test(line)) return false;
    const equals = line.indexOf('=');
    if (equals === -1 || !SECRET_KEY.test(line.slice(0, equals).trim())) return false;
    const value = line.slice(equals + 1).trim();
    return value !== '' && !/^["']?\$\{[^}]+\}["']?$/.test(value);
  });
}
