import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {missingOf, type Refusal} from '../describe-with.ts';
import {removeGroups} from './cgroups.ts';
import {confinement, SYSTEMD} from './confinement.ts';

const PROGRAMS = ['bash', 'mount', 'nsenter', 'setpriv', 'systemctl', 'umount', 'unshare', SYSTEMD];

let known: {readonly refusal: Refusal | undefined} | undefined;

/** Why no box can run here, if none can: tries everything but systemd itself. Asked once in a process, and not to be awaited: what it says decides which tests there are. */
export function boxRefusal(): Refusal | undefined {
  known ??= {refusal: findRefusal()};
  return known.refusal;
}

function findRefusal(): Refusal | undefined {
  const missing = missingOf(PROGRAMS);
  if (missing !== undefined) return missing;
  if (process.getuid?.() !== 0) return {missing: [], because: 'needs root'};
  const state = mkdtempSync(join(tmpdir(), 'keelson-test-box-'));
  const {command, args, env} = confinement({state, boot: false});
  const {status, stdout, stderr} = spawnSync(command, args, {env, encoding: 'utf8', timeout: 20_000});
  removeGroups(stdout);
  rmSync(state, {recursive: true, force: true});
  if (status === 0) return undefined;
  return {missing: [], because: stderr.trim().split('\n').at(-1) || `ended with ${status}`};
}
