import type {ProcessStatus} from './process-status.ts';

const HEAD = ['NAME', 'STATE', 'PID', 'PORT', 'UPTIME', 'RESTARTS'];

/** What `ps` prints. @param now milliseconds since the epoch */
export function processTable(processes: readonly ProcessStatus[], now: number): string {
  const rows = [HEAD, ...processes.map((one) => rowOf(one, now))];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function rowOf(
  {name, state, pid, port, startedAt, restarts, exitCode}: ProcessStatus,
  now: number,
): string[] {
  const ended = state === 'exited' || state === 'backoff';
  return [
    name,
    ended && exitCode !== undefined ? `${state} (${exitCode})` : state,
    pid === undefined ? '-' : String(pid),
    port === undefined ? '-' : String(port),
    pid === undefined || startedAt === undefined ? '-' : duration(now - startedAt),
    String(restarts),
  ];
}

/** `7s`, `3m07s`, `5h02m`, `12d03h` */
function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h${two(Math.floor(seconds / 60) % 60)}m`;
  return `${Math.floor(seconds / 86_400)}d${two(Math.floor(seconds / 3600) % 24)}h`;
}
