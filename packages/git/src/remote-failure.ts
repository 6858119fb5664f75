import {SpawnFault} from '@keelson/spawn';
import {GitFault, type GitFaultCode} from './fault.ts';
import {reasonOf} from './run-git.ts';
import {withoutCredentials} from './remote.ts';

interface Kind {
  readonly code: GitFaultCode;
  readonly pattern: RegExp;
  readonly hint: string;
  readonly temporary?: boolean;
}

// What git (2.34 to 2.5x), curl and ssh print with LC_ALL=C. The order matters: an "unable to access" line also tells the HTTP status.
const KINDS: readonly Kind[] = [
  {
    code: 'GIT_OTHER_HASH',
    pattern: /mismatched algorithms|does not support this repository's hash algorithm/,
    hint: 'One of the two repositories has SHA-1 hashes and the other SHA-256.',
  },
  {
    code: 'GIT_FAILED',
    pattern: /detected dubious ownership/,
    hint: 'It belongs to another user; allow it there with: git config --global --add safe.directory DIR',
  },
  {
    code: 'GIT_AUTH',
    pattern:
      /Authentication failed|could not read (Username|Password)|returned error: 40[13]|Permission denied|Host key verification failed|HTTP Basic: Access denied/i,
    hint: 'Give a token or password that may reach it; for ssh, a key that the agent holds and a known host.',
  },
  {
    code: 'GIT_NOT_FOUND',
    pattern: /returned error: 3\d\d/,
    hint: 'Use the address that it redirects to: credentials are not sent on.',
  },
  {
    code: 'GIT_TOO_LARGE',
    pattern: /returned error: 413|HTTP 413|pack exceeds maximum allowed size/,
    hint: 'The remote limits how much it takes in one push.',
  },
  {
    code: 'GIT_NOT_FOUND',
    pattern:
      /repository '.*' not found|Repository not found|returned error: 404|HTTP 404|does not appear to be a git repository|couldn't find remote ref|Server does not allow request|not our ref|no such ref|invalid refspec/i,
    hint: 'Check the address and the name of the branch, tag or (full) commit.',
  },
  {
    code: 'GIT_UNREACHABLE',
    pattern: /certificate/i,
    hint: 'Its certificate is not trusted here; point http.sslCAInfo or GIT_SSL_CAINFO to the authority.',
  },
  {
    code: 'GIT_UNREACHABLE',
    pattern:
      /Could not resolve (host|proxy)|Failed to connect|Couldn't connect|Connection (refused|reset|timed out|closed)|Operation timed out|No route to host|Network is unreachable|returned error: (429|5\d\d)|HTTP (429|5\d\d)|early EOF|hung up unexpectedly|RPC failed|unexpected disconnect|SSL|gnutls|Empty reply|Operation too slow|Could not read from remote repository/i,
    hint: 'Try again once it can be reached.',
    temporary: true,
  },
];

/** Turns git's failure at a remote into a fault that says which it is; anything else stays as it is. */
export function remoteFailure(what: string, remote: {readonly url: string}, error: unknown): unknown {
  if (!(error instanceof SpawnFault)) return error;
  const where = withoutCredentials(remote.url);
  if (error.code === 'SPAWN_TIMEOUT')
    return new GitFault('GIT_UNREACHABLE', `cannot ${what} ${where}: it comes to no end`, {
      hint: 'Try again once it answers.',
      temporary: true,
      cause: error,
    });
  if (error.code !== 'SPAWN_EXIT') return error;
  const all = error.output?.stderr ?? '';
  const lines = remoteLines(all);
  const own = all
    .split('\n')
    .filter((line) => !line.startsWith(PREFIX))
    .join('\n');
  const kind = KINDS.find(({pattern}) => pattern.test(own));
  const message = `cannot ${what} ${where}: ${concealed(reasonOf(wordsBefore(own) ?? own))}`;
  return kind === undefined
    ? new GitFault('GIT_FAILED', message, {lines, cause: error})
    : new GitFault(kind.code, message, {hint: kind.hint, temporary: kind.temporary, lines, cause: error});
}

/** What ssh, or git on the other side, said before ours, which knows only that it got nothing to read. */
function wordsBefore(stderr: string): string | undefined {
  const [, before = ''] = /^([\s\S]*?)^fatal: Could not read from remote repository/m.exec(stderr) ?? [];
  return before.trim() === '' ? undefined : before;
}

const PREFIX = 'remote: ';

/** One line of the other side, or undefined when git said it itself. */
export function remoteLine(line: string): string | undefined {
  if (!line.startsWith(PREFIX)) return undefined;
  // Progress overwrites itself with carriage returns; git pads lines to cover what stood there.
  const last = line.trimEnd().split('\r').at(-1)!;
  return last.replace(/^remote: ?/, '');
}

function remoteLines(stderr: string): string[] {
  return stderr.split('\n').flatMap((line) => remoteLine(line) ?? []);
}

/** A URL in git's own message may be one that configuration put in place of ours (`insteadOf`), with credentials. */
function concealed(text: string): string {
  return text.replace(/[a-z][a-z0-9+.-]*:\/\/[^\s'"]*@[^\s'"]*/gi, (url) => withoutCredentials(url));
}
