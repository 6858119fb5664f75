/** What Node does for an app without a change in it: modules for monitoring or tracing, a loader, snapshots. */
export interface WorkerModules {
  /** As `--require`. */
  readonly require?: readonly string[] | undefined;
  /** As `--import`. */
  readonly import?: readonly string[] | undefined;
  /** Whether what worker-answers.cts counts is counted. Default: false. */
  readonly counts?: boolean | undefined;
  /** Folder that gets a heap snapshot when the heap comes near its limit. Default: none is written. */
  readonly snapshotsIn?: string | undefined;
}

/** What stands in NODE_OPTIONS for them, in front of what is there already. */
export function withModules(own: string | undefined, modules: WorkerModules): string | undefined {
  const words = (['require', 'import'] as const).flatMap((flag) =>
    (modules[flag] ?? []).map((module) => `--${flag}=${quoted(module)}`),
  );
  if (modules.snapshotsIn !== undefined)
    words.push('--heapsnapshot-near-heap-limit=1', `--diagnostic-dir=${quoted(modules.snapshotsIn)}`);
  if (words.length === 0) return own;
  return [...words, ...(own ? [own] : [])].join(' ');
}

/** Blanks part words, `"` quotes, and a backslash escapes inside of quotes alone (node(1)). */
function quoted(word: string): string {
  return /[ "\\]/.test(word) ? `"${word.replace(/["\\]/g, String.raw`\$&`)}"` : word;
}
