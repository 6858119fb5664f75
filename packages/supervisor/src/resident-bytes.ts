import {readFileSync} from 'node:fs';

/** What /proc counts memory in, on every Linux that Node runs on with prebuilt binaries. */
const PAGE_BYTES = 4096;

/** proc(5): the second number of statm. 0 for a process that is gone. */
export function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
