/** What to start. */
export interface LaunchSpec {
  /** A program (looked up on the child's PATH) or, with `shell`, a line for `/bin/sh -c`. */
  readonly command: string;
  /** With `shell` they become `$1`, `$2`, … of the line. */
  readonly args?: readonly string[] | undefined;
  readonly shell?: boolean | undefined;
  readonly cwd?: string | undefined;
  /** The child's whole environment. Default: ours. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** `run` only: what the child reads on stdin. Without it stdin is empty. */
  readonly input?: string | Uint8Array | undefined;
  /** `launch` only: what the child's stdin is, default `'ignore'` (/dev/null). */
  readonly stdin?: 'pipe' | 'ignore' | undefined;
  /** File descriptors of ours that become 3, 4, … in the child. */
  readonly descriptors?: readonly number[] | undefined;
  /** A stream between us and the child, both ways, on the descriptor after `descriptors`: what `Child.connection` is the other end of. */
  readonly connection?: boolean | undefined;
  /** A Node IPC channel, on the descriptor after those; a Node child has `process.send` then. */
  readonly ipc?: boolean | undefined;
}

/** How a process ended: one of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}
