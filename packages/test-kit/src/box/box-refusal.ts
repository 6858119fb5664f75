import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {removeGroups} from './cgroups.ts';
import {confinement, SYSTEMD} from './confinement.ts';

/** Why no box can run here, if none can. A missing program is a matter of packages; the rest is the kernel's or the account's. */
export interface BoxRefusal {
  readonly missing: readonly string[];
  readonly because: string;
}

const PROGRAMS = ['bash', 'mount', 'nsenter', 'setpriv', 'systemctl', 'umount', 'unshare'];

let known: {readonly refusal: BoxRefusal | undefined} | undefined;

/** Tries everything but systemd itself. Asked once in a process, and not to be awaited: what it says decides which tests there are. */
export function boxRefusal(): BoxRefusal | undefined {
  known ??= {refusal: findRefusal()};
  return known.refusal;
}

function findRefusal(): BoxRefusal | undefined {
  const folders = (process.env['PATH'] ?? '').split(':');
  const missing = PROGRAMS.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  if (!existsSync(SYSTEMD)) missing.push('systemd');
  if (missing.length > 0) return {missing, because: `missing: ${missing.join(', ')}`};
  if (process.getuid?.() !== 0) return {missing: [], because: 'needs root'};
  const state = mkdtempSync(join(tmpdir(), 'keelson-test-box-'));
  const {command, args, env} = confinement({state, boot: false});
  const {status, stdout, stderr} = spawnSync(command, args, {env, encoding: 'utf8', timeout: 20_000});
  removeGroups(stdout);
  rmSync(state, {recursive: true, force: true});
  if (status === 0) return undefined;
  return {missing: [], because: stderr.trim().split('\n').at(-1) || `ended with ${status}`};
}
