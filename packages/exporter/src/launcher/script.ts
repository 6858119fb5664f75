import {dirname} from 'node:path/posix';

import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {Dropper} from './drop.ts';
import {limitCommands} from './limit-commands.ts';
import {shellCommand, shellWord} from './quote.ts';

export interface LauncherOptions {
  /** Undefined: the manager itself has changed the account before. */
  readonly dropper?: Dropper | undefined;
  /** Undefined: the manager opens the log. */
  readonly log?: 'file' | 'stdout' | undefined;
  /**
   * How a process whose whole group is to be signalled gets one: `session`: its own, and the manager signals it;
   * `keeper`: its own, and a shell that stays passes signals on, for managers that only signal what they started;
   * `reaper`: timeout(1) of FreeBSD, without a time, passes the end on to all of its descendants and then kills them.
   */
  readonly group?: 'session' | 'keeper' | 'reaper' | undefined;
  /** The manager itself knows the pid: no file is written. */
  readonly pidfile?: boolean | undefined;
}

const IO_CLASSES = {realtime: 1, 'best-effort': 2, idle: 3} as const;

/** Words before the program that change nothing but how the kernel treats it. */
function priorities({of}: PlannedProcess): string {
  return [
    ...(of.nice === undefined ? [] : [`/usr/bin/nice -n ${of.nice} `]),
    ...(of.ioClass === undefined ? [] : [`/usr/bin/ionice -c ${IO_CLASSES[of.ioClass]} `]),
  ].join('');
}

function envFileLines({of}: PlannedProcess): string[] {
  return of.envFiles.map(({path, optional}) => {
    const file = shellWord(path);
    return optional ? `if [ -r ${file} ]; then set -a; . ${file}; set +a; fi` : `set -a; . ${file}; set +a`;
  });
}

function logLines({logFile}: PlannedProcess, log: LauncherOptions['log']): string[] {
  if (log !== undefined && logFile !== undefined) {
    const directory = shellWord(dirname(logFile));
    return [`mkdir -p ${directory} || exit 1`, `exec >>${shellWord(logFile)} 2>&1`];
  }
  return log === 'stdout' ? ['exec 2>&1'] : [];
}

function kernelLines(model: CompleteModel, {of}: PlannedProcess): string[] {
  return [
    ...Object.entries(model.sysctl).map(
      ([name, value]) => `/sbin/sysctl -q -w ${shellWord(`${name}=${value}`)} || exit 1`,
    ),
    ...(of.oomScoreAdjust === undefined
      ? []
      : [`echo ${of.oomScoreAdjust} >/proc/self/oom_score_adj || exit 1`]),
    ...(of.umask === undefined ? [] : [`umask ${of.umask}`]),
    ...limitCommands(of.limits),
  ];
}

/** A shell that stays, signals the group as it is signalled itself, and ends when all of the group has. */
function keeperLines({of}: PlannedProcess, run: string): string[] {
  // Before the manager loses its patience with this shell.
  const seconds = Math.max(1, Math.floor(of.stop.timeoutMs / 1000) - 1);
  return [
    'for name in TERM INT HUP QUIT USR1 USR2; do trap "kill -s $name -- -\\$child" "$name"; done',
    `${run} &`,
    'child=$!',
    'while :; do wait "$child"; code=$?; kill -0 "$child" 2>/dev/null || break; done',
    'kill -s TERM -- "-$child" 2>/dev/null',
    'left=' + String(seconds * 10),
    'while [ "$left" -gt 0 ] && kill -s 0 -- "-$child" 2>/dev/null; do sleep 0.1; left=$((left - 1)); done',
    'kill -s KILL -- "-$child" 2>/dev/null',
    'exit "$code"',
  ];
}

function stopSeconds({of}: PlannedProcess): number {
  return Math.max(1, Math.ceil(of.stop.timeoutMs / 1000));
}

/** Made anew and never through a link: root writes it, maybe where the app's user may write (sh(1), set -C). */
export function pidfileLine(path: string): string {
  const file = shellWord(path);
  return `rm -f -- ${file}; (set -C; echo "$$" >${file}) || exit 1`;
}

/**
 * Lines of a `/bin/sh` script that becomes the program, with exactly its variables, words, directory, limits and rights.
 * Whatever the manager's own words cannot hold goes this way.
 */
export function launcherLines(
  model: CompleteModel,
  one: PlannedProcess,
  {dropper, log, group, pidfile = true}: LauncherOptions = {},
): string[] {
  const {user} = one;
  const drop = user === undefined ? undefined : dropper?.words({...one, user});
  const rights = drop === undefined ? '' : `"$drop" ${drop} `;
  // Root's priorities first: a user may not raise its own.
  const own = group !== undefined && one.stopScope === 'group';
  const leader = group === 'reaper' ? `/usr/bin/timeout -k ${stopSeconds(one)} 0 ` : '/usr/bin/setsid ';
  const run = `${own ? leader : ''}${priorities(one)}${rights}${shellCommand(one.argv)}`;
  return [
    ...logLines(one, log),
    ...(drop === undefined ? [] : [`drop=$(command -v ${dropper?.program}) || exit 127`]),
    ...kernelLines(model, one),
    `export PATH=${shellWord(one.defaultPath)}`,
    ...envFileLines(one),
    ...Object.entries(one.env).map(([name, value]) => `export ${name}=${shellWord(value)}`),
    `cd ${shellWord(one.cwd)} || exit 1`,
    ...(pidfile && one.pidfile !== undefined ? [pidfileLine(one.pidfile)] : []),
    ...(one.of.hooks.preStart ?? []).map(
      (hook) => `${rights}${shellCommand(['/bin/sh', '-c', hook])} || exit`,
    ),
    ...(own && group === 'keeper' ? keeperLines(one, run) : [`exec ${run}`]),
  ];
}
