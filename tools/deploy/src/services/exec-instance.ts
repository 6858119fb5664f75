import {spawn} from 'node:child_process';
import {once} from 'node:events';
import type {Workload} from '@keelson/deployer';
import {readReleases} from '@keelson/releases';
import {exitStatus} from '@keelson/spawn';
import {accountOf, requireGroup} from '../account.ts';
import {appUser} from '../app-user.ts';
import type {DeployHere, DeployWay} from '../deploy-archive.ts';
import type {DeployPlace} from '../deploy-place.ts';
import {DeployServerFault} from '../fault.ts';
import {saidByUnits} from '../runtime/said-by-units.ts';
import {currentWorkload, type ServicesWay} from './current-workload.ts';

export interface ServiceRan {
  readonly kind: 'service-ran';
  readonly instance: string;
  /** Of the process; 128 + n after a signal. */
  readonly exitCode: number;
}

/**
 * Runs an instance in the foreground, on our terminal, with the environment that it has as a service, but by itself: it binds its port, and
 * nobody starts it again. Faults: SERVE_BAD_VALUE (no such instance; root would run it), those of `currentWorkload`.
 */
export async function execInstance(
  {name, instance}: {readonly name: string; readonly instance: number},
  place: DeployPlace,
  way: ServicesWay,
): Promise<ServiceRan> {
  const {signal} = way.step;
  const prefix = await asItsUser(place, way);
  const workload = await currentWorkload(place, way);
  const wanted = workload.instances.find((one) => one.name === `${name}.${instance}`);
  if (wanted === undefined) {
    const there = workload.instances.map((one) => one.name.replace(/\.(\d+)$/, ' $1')).join(', ');
    throw new DeployServerFault('SERVE_BAD_VALUE', `there is no instance ${name} ${instance}`, {
      hint: `There are: ${there || 'none'}. keelson deploy set formation ${name}=N makes more.`,
    });
  }
  const [program, ...args] = [...prefix, '/bin/sh', '-c', lineOf(wanted.command)];
  const child = spawn(program, args, {
    cwd: workload.cwd,
    env: environmentOf(wanted, workload),
    stdio: 'inherit',
    // At a terminal it stays in our group, which Ctrl-C is for; elsewhere it has its own, so that nothing of it is left.
    detached: !process.stdin.isTTY,
  });
  const stop = () => {
    if (process.stdin.isTTY || child.pid === undefined) child.kill('SIGTERM');
    else signalGroup(child.pid, 'SIGTERM');
  };
  signal?.addEventListener('abort', stop, {once: true});
  const [code, by] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  signal?.removeEventListener('abort', stop);
  if (!process.stdin.isTTY && child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  return {kind: 'service-ran', instance: wanted.name, exitCode: exitStatus({code, signal: by})};
}

/** A line of plain words takes the shell's place, which would not hand signals on. */
function lineOf(command: string): string {
  return /^[\w./@:,+-]+( [\w./@:,+=-]+)*$/.test(command) ? `exec ${command}` : command;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Of the instance's first worker. */
export function environmentOf(
  {name, port, nodeOptions, threadPoolSize, memoryBytes}: Workload['instances'][number],
  {env, release}: Workload,
): Record<string, string> {
  const options = [nodeOptions, env['NODE_OPTIONS'] ?? ''].join(' ').trim();
  return {
    UV_THREADPOOL_SIZE: String(threadPoolSize),
    ...env,
    ...(options !== '' && {NODE_OPTIONS: options}),
    PORT: String(port),
    PS: name,
    KEELSON_GENERATION: String(release.number),
    KEELSON_INSTANCE: name,
    KEELSON_WORKER: '1',
    KEELSON_MEMORY_BYTES: String(memoryBytes),
  };
}

/** The words before a command that give it the rights of the unit: `User=`, `Group=`, and the user's other groups. */
async function asItsUser(place: DeployPlace, {here}: DeployWay): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const user = await appUser(place.root, here);
  if (user === undefined && here.allowRoot === true) return [];
  if (user === undefined)
    throw new DeployServerFault('SERVE_BAD_VALUE', 'this runs as root, and so would the app', {
      hint: 'Name whose code it is (--user), or allow root (--allow-root).',
    });
  const {uid, gid} = await accountOf(user);
  const group = await groupFor(place, here);
  return ['setpriv', '--reuid', String(uid), '--regid', String(group ?? gid), '--init-groups', '--'];
}

async function groupFor(place: DeployPlace, here: DeployHere): Promise<number | undefined> {
  const {settings} = await readReleases(place.root);
  const said = place.kind === 'systemd' ? await saidByUnits(place.app, place.scope) : {};
  const group = here.group ?? settings.group ?? said.group;
  return group === undefined ? undefined : requireGroup(group);
}
