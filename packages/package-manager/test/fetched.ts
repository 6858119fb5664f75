import {execFileSync} from 'node:child_process';
import {delimiter, dirname} from 'node:path';

/** Puts a package manager on PATH that npm fetches (once: npm keeps it in its cache). Without a registry its suite is skipped by name. */
export function fetched(specification: string, program: string): string {
  const path = fetchedPath(specification, program);
  // without one describeWith says that it is missing
  if (path !== undefined) process.env['PATH'] = `${dirname(path)}${delimiter}${process.env['PATH']}`;
  return program;
}

/** Where npm keeps a fetched program; undefined without a registry. */
export function fetchedPath(specification: string, program: string): string | undefined {
  const look = ['exec', '--yes', '--prefer-offline', '--fetch-retries=0', `--package=${specification}`];
  try {
    const shell = ['--', 'sh', '-c', `command -v ${program}`];
    return execFileSync('npm', [...look, ...shell], {encoding: 'utf8', stdio: 'pipe'}).trim();
  } catch {
    return undefined;
  }
}
