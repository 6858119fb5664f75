const JUNK = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\..*\.sw[a-p]|.*~|\.#.*)$/;
/** `.env.example`, `.env.local.example`: names and made-up values, for people to copy. */
const ENV_EXAMPLE = /^\.env(\.[\w-]+)?\.(example|sample|template|dist|defaults)$/;

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
