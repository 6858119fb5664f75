import {spawn, spawnSync, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {readFile, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';

import {expect} from '@jest/globals';
import type {Format} from '@keelson/exporter';
import {until, type TestDirectory} from '@keelson/test-kit';

export interface RealManager {
  readonly format: Format;
  readonly programs: readonly string[];
  /** Of the styles of command; undefined: all. */
  readonly styles?: readonly string[];
  /** Nothing that `.ci/run` installs: skipped where it is missing, whatever is required. */
  readonly optional?: boolean;
  /** Its scripts keep pidfiles, by default in /run: root's alone, and another run's. */
  readonly pidfiles?: boolean;
  /** Its processes have numbers of their own, and end with it: only how they start is looked at. */
  readonly ownPids?: boolean;
  /** Starts everything in `units`; ends when it is told to by SIGTERM. */
  start(directory: TestDirectory, files: readonly string[]): Promise<ChildProcess>;
  stop?(directory: TestDirectory, names: readonly string[], manager: ChildProcess): Promise<void>;
}

async function linked(
  directory: TestDirectory,
  files: readonly string[],
  program: string,
): Promise<ChildProcess> {
  await directory.write({'scan/': ''});
  const names = new Set(
    files
      .filter((file) => file.endsWith('/run') && !file.includes('/log/'))
      .map((file) => file.split('/')[0]!),
  );
  for (const name of names)
    await symlink(directory.at(join('units', name)), directory.at(join('scan', name)));
  return spawn(program, [directory.at('scan')], {stdio: 'ignore', detached: true});
}

export async function ended(manager: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (manager.exitCode !== null || manager.signalCode !== null) return;
  const end = once(manager, 'exit');
  process.kill(-manager.pid!, signal);
  await end;
}

/**
 * What rc.subr(8) and daemon(8) of FreeBSD do with a script of ours, as far as it concerns how a process is started: the
 * shell lines are run for real, FreeBSD is not. chroot(8) there takes other flags than here, and goes to the new root.
 */
const FREEBSD = (directory: TestDirectory) => ({
  'rc.subr': `load_rc_config() { :; }
run_rc_command() {
  eval "set -- $1 $command_args"
  case $1 in
  start)
    shift
    while [ "\${1#-}" != "$1" ]; do
      case $1 in -p) child=$2; shift ;; -P | -R) shift ;; esac
      shift
    done
    setsid "$@" </dev/null >/dev/null 2>&1 &
    echo $! >${directory.at('out')}/$name.child ;;
  stop) kill -s TERM -- "-$(cat ${directory.at('out')}/$name.child)" ;;
  esac
}
`,
});

const each = <T>(all: readonly T[], one: (value: T) => Promise<unknown>) => Promise.all(all.map(one));
const tell = (program: string, ...args: string[]) => once(spawn(program, args, {stdio: 'ignore'}), 'exit');

// monit ends where the password file doesn't know who starts it.
const MONIT = spawnSync('id', ['-un']).status === 0 ? 'monit' : 'monit, as an account with a name';
// Without the right to mount there is a program missing of this name.
const MOUNTS = spawnSync('unshare', ['-m', 'true']).status === 0 ? 'unshare' : 'unshare -m, as root';
const SYSVINIT = process.env['KEELSON_TEST_SYSVINIT'] ?? '/lib/sysvinit/init';

/** Those that can be started here, each with its own way of it. */
export const MANAGERS: readonly RealManager[] = [
  {
    format: 'runit',
    programs: ['runsvdir', 'sv', 'chpst'],
    start: (directory, files) => linked(directory, files, 'runsvdir'),
    async stop(directory, names) {
      await each(names, (name) => tell('sv', '-w', '10', 'force-stop', directory.at(join('scan', name))));
      await each(names, (name) => tell('sv', 'exit', directory.at(join('scan', name))));
    },
  },
  {
    format: 's6',
    programs: ['s6-svscan', 's6-svc', 'setpriv'],
    start: (directory, files) => linked(directory, files, 's6-svscan'),
    async stop(directory, names) {
      await each(names, (name) =>
        tell('s6-svc', '-wD', '-T', '10000', '-d', directory.at(join('scan', name))),
      );
      await tell('s6-svscanctl', '-t', directory.at('scan'));
    },
  },
  {
    format: 'daemontools',
    programs: ['svscan', 'svc', 'setpriv'],
    start: (directory, files) => linked(directory, files, 'svscan'),
    async stop(directory, names) {
      await each(names, (name) =>
        tell('svc', '-dx', directory.at(join('scan', name)), directory.at(join('scan', name, 'log'))),
      );
    },
  },
  {
    format: 'supervisord',
    programs: ['supervisord', 'setpriv'],
    async start(directory) {
      const log = directory.at('supervisord.log');
      await directory.write({
        'supervisord.conf': `[supervisord]\nlogfile=${log}\nchildlogdir=${directory.path}\npidfile=${directory.at('pid')}\n[include]\nfiles=units/*.conf\n`,
      });
      return spawn('supervisord', ['-n', '-c', directory.at('supervisord.conf')], {
        stdio: 'ignore',
        detached: true,
      });
    },
  },
  {
    format: 'monit',
    programs: [MONIT, 'setpriv'],
    pidfiles: true,
    // It starts one after the other, and looks once a second.
    styles: ['plain', 'variable', 'cd', 'bin'],
    async start(directory) {
      await directory.write({
        monitrc: {
          mode: 0o600,
          content: [
            'set daemon 1',
            ...['log', 'pidfile', 'idfile', 'statefile'].map((name) =>
              name === 'log'
                ? `set log ${directory.at('monit.log')}`
                : `set ${name} ${directory.at(`monit.${name}`)}`,
            ),
            `include ${directory.at('units/*.monitrc')}`,
            '',
          ].join('\n'),
        },
      });
      return spawn('monit', ['-I', '-c', directory.at('monitrc')], {stdio: 'ignore', detached: true});
    },
    async stop(directory, names, manager) {
      // As an uninstallation does: nobody looks at them any more, then each is stopped.
      await ended(manager, 'SIGTERM');
      await each(names, async (name) =>
        expect(await tell('/bin/sh', directory.at(join('units', `${name}.control`)), 'stop')).toEqual([
          0,
          null,
        ]),
      );
    },
  },
  {
    format: 'rc.d',
    programs: ['setpriv'],
    async start(directory, files) {
      await directory.write(FREEBSD(directory));
      const scripts = files.filter((file) => !file.endsWith('.sh'));
      await each(scripts, async (script) => {
        const path = directory.at(join('units', script));
        const text = await directory.read(join('units', script));
        await writeFile(path, text.replace('/etc/rc.subr', directory.at('rc.subr')));
        expect(await tell('/bin/sh', path, 'start')).toEqual([0, null]);
      });
      return spawn('sleep', ['600'], {stdio: 'ignore', detached: true});
    },
    async stop(directory, names) {
      await each(names, async (name) =>
        expect(await tell('/bin/sh', directory.at(join('units', name)), 'stop')).toEqual([0, null]),
      );
    },
  },
  {
    format: 'openrc',
    programs: ['openrc-run', 'supervise-daemon', 'setpriv', 'nsenter', MOUNTS],
    // Each start and stop is a second.
    styles: ['plain', 'single', 'variable', 'cd', 'pipe', 'bin'],
    async start(directory, files) {
      const states =
        'started starting stopping inactive wasinactive failed hotplugged daemons options exclusive scheduled tmp';
      const services = files.filter((file) => !file.endsWith('.sh'));
      const lines = [
        'mount -t tmpfs tmpfs /run',
        `mkdir -p ${states.replace(/\w+/g, '/run/openrc/$&')}`,
        'touch /run/openrc/softlevel',
        `mount --bind ${directory.at('units')} /etc/init.d`,
        `{ ${services.map((name) => `/etc/init.d/${name} start &`).join(' ')} wait; }`,
        `touch ${directory.at('started')}`,
        'exec sleep 600',
      ];
      const namespace = ['-m', '/bin/sh', '-c', lines.join(' && ')];
      const manager = spawn('unshare', namespace, {stdio: 'ignore', detached: true});
      await until(async () => (await directory.list()).includes('started') || manager.exitCode !== null);
      expect(manager.exitCode).toBeNull();
      return manager;
    },
    async stop(directory, names, {pid}) {
      await each(names, async (name) => {
        const enter = ['-t', String(pid), '-m', `/etc/init.d/${name}`];
        expect(await tell('nsenter', ...enter, 'status')).toEqual([0, null]);
        expect(await tell('nsenter', ...enter, 'stop')).toEqual([0, null]);
      });
    },
  },
  {
    format: 'inittab',
    // Of Debian's sysvinit-core, unpacked and not installed: it would take the place of systemd.
    programs: [SYSVINIT, 'setpriv', 'nsenter', MOUNTS],
    optional: true,
    ownPids: true,
    async start(directory) {
      await directory.write({
        'etc/': '',
        'work/': '',
        'etc/inittab': 'id:2:initdefault:\n',
        'etc/inittab.d/': '',
      });
      const lines = [
        'mount -t tmpfs tmpfs /run',
        `mount -t overlay overlay -o lowerdir=/etc,upperdir=${directory.at('etc')},workdir=${directory.at('work')} /etc`,
        `mount --bind ${directory.at('units')} /etc/inittab.d`,
        `exec ${SYSVINIT}`,
      ];
      const namespaces = ['-m', '-p', '-u', '-i', '-f', '--mount-proc', '/bin/sh', '-c', lines.join(' && ')];
      return spawn('unshare', namespaces, {stdio: 'ignore', detached: true});
    },
    async stop(_, __, {pid}) {
      const init = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim();
      process.kill(Number(init), 'SIGKILL');
    },
  },
  {
    format: 'pm2',
    programs: ['pm2'],
    optional: true,
    async start(directory, files) {
      const env = {...process.env, PM2_HOME: directory.at('pm2'), PM2_KILL_SIGNAL: 'SIGTERM'};
      const [code] = (await once(
        spawn('pm2', ['start', directory.at(join('units', files[0]!))], {stdio: 'ignore', env}),
        'exit',
      )) as [number];
      expect(code).toBe(0);
      return spawn('sleep', ['600'], {stdio: 'ignore', detached: true});
    },
    async stop(directory) {
      const env = {...process.env, PM2_HOME: directory.at('pm2'), PM2_KILL_SIGNAL: 'SIGTERM'};
      for (const argv of [['delete', 'all'], ['kill']])
        await once(spawn('pm2', argv, {stdio: 'ignore', env}), 'exit');
    },
  },
  {
    format: 'sysv',
    programs: ['start-stop-daemon', 'setpriv'],
    pidfiles: true,
    async start(directory, files) {
      await each(
        files.filter((file) => !file.endsWith('.sh')),
        async (script) => expect(await tell(directory.at(join('units', script)), 'start')).toEqual([0, null]),
      );
      // Nothing stays that looks after them.
      return spawn('sleep', ['600'], {stdio: 'ignore', detached: true});
    },
    async stop(directory, names) {
      await each(names, async (name) => {
        const script = directory.at(join('units', name));
        expect(await tell(script, 'status')).toEqual([0, null]);
        expect(await tell(script, 'stop')).toEqual([0, null]);
        expect(await tell(script, 'status')).toEqual([3, null]);
      });
    },
  },
];
