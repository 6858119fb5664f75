import {spawn} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';

import {packageRoot} from '../package-root.ts';
import {until} from '../processes.ts';
import type {BinResult} from '../run-bin.ts';
import {testdir, type Tree, writeTree} from '../testdir.ts';
import {removeGroups} from './cgroups.ts';
import {type Confinement, confinement} from './confinement.ts';
import {type CgroupLimits, limitsOf} from './limits-of.ts';
import {type InsideOptions, runInside} from './run-inside.ts';

export interface SystemdBox extends AsyncDisposable {
  /** Of its PID 1, as this machine counts. */
  readonly pid: number;
  /** Its `/`, seen from outside; an absolute link in it leads to this machine's files. */
  readonly root: string;
  /** Of its systemd, such as 252. */
  readonly version: number;
  /** Runs a program inside; any exit code is a result. */
  run(argv: readonly string[], options?: InsideOptions): Promise<BinResult>;
  /** The same, and its stdout; fails with what it said unless it ends with 0. */
  must(argv: readonly string[], options?: InsideOptions): Promise<string>;
  /** Adds or replaces files, by absolute path. */
  write(tree: Tree): Promise<void>;
  read(path: string): Promise<string>;
  /** Properties of a unit (`systemctl show`), by name. */
  show<Name extends string>(unit: string, ...properties: readonly Name[]): Promise<Record<Name, string>>;
  /** The messages of a unit, oldest first. */
  journal(unit: string): Promise<string[]>;
  /** What its cgroup holds a running unit to. */
  limits(unit: string): Promise<CgroupLimits>;
  /** The pids, as the box counts, in a unit's cgroup; none when it is gone. */
  processes(unit: string): Promise<number[]>;
}

export type SystemdBoxOptions = Pick<Confinement, 'lower' | 'bind' | 'read' | 'onlyV2'>;

/**
 * Boots a real systemd as PID 1 of namespaces of its own, over a copy-on-write view of this machine's root (or of `lower`), in about a
 * second. This repository and this Node are at the same paths inside, and every account may read them; /tmp is empty but for `bind`. Nothing of the machine starts but
 * journald and a message bus. It is gone without a trace when disposed, or when this process dies.
 */
export async function systemdBox({read = [], ...rest}: SystemdBoxOptions = {}): Promise<SystemdBox> {
  const state = await testdir();
  const repository = join(packageRoot(import.meta.url), '../..');
  const {command, args, env} = confinement({
    ...rest,
    state: state.path,
    read: [repository, process.execPath, ...read],
  });
  // A file and not a pipe: systemd writes to it all its life.
  const log = state.at('log');
  const child = spawn('sh', ['-c', 'exec "$@" >"$0" 2>&1', log, command, ...args], {env, stdio: 'ignore'});
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const printed = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  const end = async (pid: number | undefined) => {
    if (child.exitCode === null && child.signalCode === null) process.kill(pid ?? child.pid!, 'SIGKILL');
    await exited;
    await until(() => removeGroups(printed()), {what: 'the end of the box'});
    await state[Symbol.asyncDispose]();
  };

  let pid: number | undefined;
  try {
    await until(
      () => {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`no systemd box: ${printed()}`);
        const said = /^pid (\d+)$/m.exec(printed())?.[1];
        if (said === undefined) return false;
        pid = Number(said);
        return existsSync(`/proc/${pid}/root/run/systemd/private`);
      },
      {timeoutMs: 60_000, what: 'the start of the box'},
    );
    const booted = await runInside(pid!, ['systemctl', 'is-system-running', '--wait']);
    if (!/^(running|degraded)$/m.test(booted.stdout)) throw new Error(`no systemd box: ${printed()}`);
  } catch (error) {
    await end(pid);
    throw error;
  }
  const inside = boxAt(pid!);
  const version = /^systemd (\d+)/.exec(await inside.must(['systemctl', '--version']))?.[1];
  return {...inside, version: Number(version), [Symbol.asyncDispose]: () => end(pid)};
}

function boxAt(pid: number): Omit<SystemdBox, 'version' | typeof Symbol.asyncDispose> {
  const root = `/proc/${pid}/root`;
  const run: SystemdBox['run'] = (argv, options) => runInside(pid, argv, options);
  const must: SystemdBox['must'] = async (argv, options) => {
    const {code, stdout, stderr} = await run(argv, options);
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}\n${stderr}${stdout}`);
    return stdout;
  };
  const show: SystemdBox['show'] = async (unit, ...properties) => {
    const lines = await must(['systemctl', 'show', `--property=${properties.join(',')}`, '--', unit]);
    const pairs = lines
      .trimEnd()
      .split('\n')
      .map((line): [string, string] => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      });
    return Object.fromEntries(pairs) as Record<(typeof properties)[number], string>;
  };
  const groupOf = async (unit: string) => (await show(unit, 'ControlGroup')).ControlGroup;
  return {
    pid,
    root,
    run,
    must,
    show,
    write: (tree) => writeTree(root, tree),
    read: (path) => readFile(join(root, path), 'utf8'),
    journal: async (unit) => {
      await must(['journalctl', '--sync']);
      const text = await must(['journalctl', '--no-pager', '--output=cat', `--unit=${unit}`]);
      return text.split('\n').slice(0, -1);
    },
    limits: async (unit) => limitsOf(root, await groupOf(unit)),
    processes: async (unit) => {
      const group = await groupOf(unit);
      if (group === '') return [];
      for (const hierarchy of ['systemd', '.']) {
        const argv = ['cat', `/sys/fs/cgroup/${hierarchy}${group}/cgroup.procs`];
        const {code, stdout} = await run(argv);
        if (code === 0) return stdout.split('\n').slice(0, -1).map(Number);
      }
      return [];
    },
  };
}
