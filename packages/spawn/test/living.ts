import {readFileSync, readdirSync} from 'node:fs';
import {alive} from '@keelson/test-kit';

/** Living processes whose command line contains a text. */
export function livingWith(text: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && alive(pid) && commandLine(pid).includes(text));
}

/** The guards of a program. */
export function guardsOf(parent: number): number[] {
  return livingWith('keelson-guard').filter((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
  });
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

let next = 0;

/** A duration for sleep(1) that no other process of this machine sleeps. */
export function uniqueSeconds(): string {
  return `9${process.pid}.${++next}7`;
}
