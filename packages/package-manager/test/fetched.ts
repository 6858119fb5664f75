import {execFileSync} from 'node:child_process';
import {delimiter, dirname} from 'node:path';

/** Puts a package manager on PATH that npm fetches (once: npm keeps it in its cache). Without a registry its suite is skipped by name. */
export function fetched(specification: string, program: string): string {
  const look = ['exec', '--yes', '--prefer-offline', '--fetch-retries=0', `--package=${specification}`];
  try {
    const shell = ['--', 'sh', '-c', `command -v ${program}`];
    const path = execFileSync('npm', [...look, ...shell], {encoding: 'utf8', stdio: 'pipe'});
    process.env['PATH'] = `${dirname(path.trim())}${delimiter}${process.env['PATH']}`;
  } catch {
    // describeWith says that it is missing
  }
  return program;
}
