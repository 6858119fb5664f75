import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {userHome} from '@keelson/atomic-fs';
import {DeployServerFault} from '../fault.ts';
import type {SystemdScope} from './systemctl.ts';

/** One app of this machine, as its systemd sees it. */
export interface SystemdApp {
  readonly name: string;
  /** The deploy root. */
  readonly root: string;
  readonly host: string;
  /** Who the app runs as, when root deploys it. */
  readonly user?: string | undefined;
  readonly group?: string | undefined;
  readonly scope: SystemdScope;
}

export interface Unit {
  readonly name: string;
  readonly text: string;
}

export const appUnit = (app: string): string => `keelson-${app}.service`;
export const releaseUnit = (app: string, release: number): string => `keelson-${app}@${release}.service`;
export const socketUnit = (app: string, port: number): string => `keelson-${app}-${port}.socket`;
/** No name of an app has an underscore. */
export const wakeUnit = (app: string, port: number): string => `keelson-${app}_wake@${port}.service`;

/** Where units of this scope are kept: systemd.unit(5). Fault SERVE_SYSTEMD: this user has no home. */
export function unitFolder(scope: SystemdScope): string {
  if (scope === 'system') return '/etc/systemd/system';
  const home = userHome();
  if (home !== undefined) return join(home, '.config/systemd/user');
  throw new DeployServerFault('SERVE_SYSTEMD', 'units of a user lie in his home, and this one has none', {
    hint: 'Set HOME, or serve with keelson deploy serve.',
  });
}

interface UnitFacts {
  readonly ports: readonly number[];
  readonly graceMs: number;
  /** Where `runtime` leads: below /run it is gone after a restart of the machine. */
  readonly runtimeDir?: string | undefined;
}

/** What a release has beyond the grace of its processes: the supervisor's five seconds to kill them, and its own end. */
const STOP_MARGIN_MS = 15_000;

/**
 * The units of an app: a socket for each port, which belongs to no release; a template whose instances are releases, several of which may
 * have the sockets at the same time (`Sockets=`, systemd.service(5)); the app itself, which starts what `current` says at boot; and a template
 * that does the same when a connection comes to a port while nothing runs: one for each, since systemd opens no port of what is active.
 */
export function unitsOf(
  {name, root, host, user, group, scope}: SystemdApp,
  {ports, graceMs, runtimeDir}: UnitFacts,
): Unit[] {
  const program = fileURLToPath(new URL('../cli/release-program.js', import.meta.url));
  const sockets = ports.map((port) => socketUnit(name, port)).join(' ');
  const wanted = scope === 'system' ? 'multi-user.target' : 'default.target';
  const start = `${scope === 'user' ? 'systemctl --user' : 'systemctl'} start --no-block`;
  const service = `keelson-${name}@`;
  // Before the first deploy there is nothing to start.
  const line = `[ -L "$1" ] || exit 0; exec ${start} "${service}$(basename "$(readlink "$1")").service"`;
  const startsCurrent = [
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    `ExecStart=/bin/sh -c ${word(line)} sh ${word(join(root, 'current'))}`,
  ];
  return [
    ...ports.map((port) => ({
      name: socketUnit(name, port),
      text: lines(
        '[Unit]',
        `Description=Port ${port} of ${name} (Keelson)`,
        '[Socket]',
        `ListenStream=${host.includes(':') ? `[${host}]` : host}:${port}`,
        `FileDescriptorName=${port}`,
        `Service=${wakeUnit(name, port)}`,
        'Backlog=4096',
        '[Install]',
        'WantedBy=sockets.target',
      ),
    })),
    {
      name: `keelson-${name}@.service`,
      text: lines(
        '[Unit]',
        `Description=${name}, release %i (Keelson)`,
        'Wants=network-online.target',
        'After=network-online.target',
        'StartLimitIntervalSec=0',
        '[Service]',
        'Type=exec',
        ...(sockets === '' ? [] : [`Sockets=${sockets}`]),
        ...(user === undefined ? [] : [`User=${user}`]),
        ...(group === undefined ? [] : [`Group=${group}`]),
        `WorkingDirectory=${path(root)}`,
        ...(runtimeDir === undefined ? [] : [`ExecStartPre=${makeFolder(runtimeDir, {user, scope})}`]),
        `ExecStart=${[process.execPath, program, root, '%i', host].map((part) => (part === '%i' ? part : word(part))).join(' ')}`,
        'KillMode=mixed',
        `TimeoutStopSec=${Math.ceil((graceMs + STOP_MARGIN_MS) / 1000)}`,
        'Restart=on-failure',
        'RestartSec=2',
        `RestartPreventExitStatus=${NOT_CURRENT_EXIT}`,
      ),
    },
    {
      name: appUnit(name),
      text: lines(
        '[Unit]',
        `Description=${name} (Keelson)`,
        ...(sockets === '' ? [] : [`Wants=${sockets}`, `After=${sockets}`]),
        ...startsCurrent,
        '[Install]',
        `WantedBy=${wanted}`,
      ),
    },
    {
      name: `keelson-${name}_wake@.service`,
      text: lines(
        '[Unit]',
        `Description=${name}, woken by port %i (Keelson)`,
        `PartOf=${appUnit(name)}`,
        ...startsCurrent,
      ),
    },
  ];
}

/** With root's rights, which a system's own manager has whoever the unit runs as. */
function makeFolder(dir: string, {user, scope}: Pick<SystemdApp, 'user' | 'scope'>): string {
  const give = user === undefined ? '' : ' && chown -h "$2" "$1"';
  const argv = ['sh', dir, ...(user === undefined ? [] : [user])];
  return `${scope === 'system' ? '+' : ''}/bin/sh -c ${[`mkdir -p -m 700 "$1"${give}`, ...argv].map(word).join(' ')}`;
}

/** Of a release that fails before it is current: EX_CONFIG of sysexits.h. The deployer tells why, and nobody starts it again. */
export const NOT_CURRENT_EXIT = 78;

const MARK = '# Written by keelson deploy: a change here is lost with the next deploy.';

function lines(...all: readonly string[]): string {
  return `${MARK}\n${all.map((line, index) => (line.startsWith('[') && index > 0 ? `\n${line}` : line)).join('\n')}\n`;
}

/** systemd.syntax(7) "Quoting", systemd.unit(5) "Specifiers", systemd.service(5) "Command lines". */
function word(text: string): string {
  return `"${safe(text).replaceAll(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
}

function path(text: string): string {
  return safe(text).replaceAll('%', '%%');
}

function safe(text: string): string {
  // oxlint-disable-next-line no-control-regex
  if (!/[\u0000-\u001f\u007f]|^\s|\s$|\\$/.test(text)) return text;
  throw new DeployServerFault('SERVE_SYSTEMD', `${JSON.stringify(text)} cannot stand in a unit of systemd`, {
    hint: 'Choose a --root without control characters and blanks at its ends.',
  });
}
