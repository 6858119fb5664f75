import {readFileSync, readdirSync} from 'node:fs';

/** Sends a signal to a whole process group; false when nobody is left to receive it. 0 only asks. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // EPERM: they changed their user, but are there
  }
}

/**
 * Whether anyone of the group still runs. `kill(2)` alone would count zombies, which stay for ever where PID 1 does not reap.
 * `known` remembers who was found, so that asking again need not read all of /proc.
 */
export function hasMembers(group: number, known: Set<number>): boolean {
  if (!signalGroup(group, 0)) return false;
  for (const pid of known) {
    if (isMember(pid, group)) return true;
    known.delete(pid);
  }
  const processes = listProcesses();
  if (processes === undefined) return true; // no /proc: kill(2) has the last word
  for (const pid of processes) if (isMember(pid, group)) known.add(pid);
  return known.size > 0;
}

function listProcesses(): number[] | undefined {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return undefined;
  }
}

// proc(5): "pid (comm) state ppid pgrp …"; comm may hold blanks and parentheses.
function isMember(pid: number, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(pgrp) === group && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}
