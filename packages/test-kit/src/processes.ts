import {readFileSync, readdirSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';

/** Whether a process runs. A zombie does not: `kill(pid, 0)` would say it does. */
export function alive(pid: number): boolean {
  const stat = readStat(pid);
  return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X';
}

/** The living processes of a process group. */
export function processesOf(group: number): number[] {
  return allProcesses().filter((pid) => readStat(pid)?.group === group && alive(pid));
}

/** The living processes whose command line (words joined by blanks) contains a text. */
export function processesWith(text: string): number[] {
  return allProcesses().filter((pid) => commandLine(pid).includes(text) && alive(pid));
}

/** Polls where there is no event to wait for (a process that is not our child). Fails after `timeoutMs`, default 60 s. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  {timeoutMs = 60_000, what = 'the condition'}: {timeoutMs?: number; what?: string} = {},
): Promise<void> {
  const began = performance.now();
  while (!(await condition())) {
    const waited = performance.now() - began;
    if (waited > timeoutMs) throw new Error(`${what} did not come true within ${timeoutMs} ms`);
    // To look through all of /proc is work that others wait for.
    await delay(waited < 200 ? 10 : 40);
  }
}

// proc(5): "pid (comm) state ppid pgrp …", where comm may hold blanks and parentheses.
function readStat(pid: number): {state: string; group: number} | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {state: fields[0]!, group: Number(fields[2])};
  } catch {
    return undefined;
  }
}

function allProcesses(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
