/*
 * Makes stdout and stderr blocking, so that what was written is in the pipe also when `process.exit()` or a crash comes
 * next. CommonJS in the syntax of 2019: every Node program of a process tree loads it with `--require`, old ones as well.
 */
const {fstatSync} = require('fs') as typeof import('fs');

/** Which pipes somebody reads for certain: those that the first Node program of the tree has got. */
const OUTPUT = 'KEELSON_OUTPUT';
const STREAMS = {stdout: 1, stderr: 2} as const;

/** The pipe or socket of a descriptor; '' for anything else. Its inode is not used again for another one. */
function pipeOf(fd: number): string {
  try {
    // Not as plain numbers: the realpath of Node 20 and 22 looks at those of the latest stat, takes the path for a pipe, and
    // leaves links in it unresolved; then no app that pnpm installed finds its dependencies.
    const stats = fstatSync(fd, {bigint: true});
    return stats.isFIFO() || stats.isSocket() ? `${stats.dev}:${stats.ino}` : '';
  } catch {
    return ''; // EBADF
  }
}

/** What is opened first is set to blocking then: opening it here would cost every program its start-up time. */
function blockWhenOpened(name: keyof typeof STREAMS): void {
  const native = Object.getOwnPropertyDescriptor(process, name);
  if (!native || !native.get || !native.configurable) return;
  Object.defineProperty(process, name, {
    ...native,
    get() {
      Object.defineProperty(process, name, native);
      const stream = process[name] as typeof process.stdout & {
        _handle?: {setBlocking(on: boolean): number} | null;
      };
      const handle = stream && stream._handle;
      // Terminals are blocking already, a TCP connection is not a pipe, and threads have no handle.
      if (handle && handle.constructor.name === 'Pipe') handle.setBlocking(true);
      return stream;
    },
  });
}

const [stdin, ...own] = [0, STREAMS.stdout, STREAMS.stderr].map(pipeOf);
if (process.env[OUTPUT] === undefined) process.env[OUTPUT] = own.filter(Boolean).join();
const known = String(process.env[OUTPUT]).split(',');
for (const name of ['stdout', 'stderr'] as const) {
  const pipe = own[STREAMS[name] - 1]!;
  // Under sshd or inetd one socket may be stdin, too: reading it would block as well.
  if (pipe !== '' && pipe !== stdin && known.includes(pipe)) blockWhenOpened(name);
}
