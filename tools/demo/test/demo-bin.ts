// The demo as a user starts it, with everything temporary in a folder of the test's own, so that what is left can be seen.
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {launchBin, type TestDirectory} from '@keelson/test-kit';
import type {DemoReport} from '../dist/demo.js';

const demoBin = join(import.meta.dirname, '../bin/keelson-demo.js');

export function launchDemo(dir: TestDirectory, argv: readonly string[]) {
  return launchBin(demoBin, argv, {env: {...(process.env as Record<string, string>), TMPDIR: dir.path}});
}

/** What the demo left in its temporary folder. */
export function leftovers(dir: TestDirectory): string[] {
  return readdirSync(dir.path).filter((name) => !name.startsWith('node-compile-cache'));
}

/** Pids whose command line or environment names the temporary folder: every process that the demo started. */
export function processesIn(dir: TestDirectory): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['cmdline', 'environ'].some((file) => readProc(pid, file).includes(dir.path)))
    .map(Number);
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** Sum over the chapters that sent requests. */
export function requestsOf(report: DemoReport): {sent: number; failed: number} {
  const sum = (key: string) =>
    report.chapters.reduce((total, {facts}) => total + ((facts[key] as number | undefined) ?? 0), 0);
  return {sent: sum('sent'), failed: sum('failed')};
}
