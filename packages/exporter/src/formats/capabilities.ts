import type {Capabilities, Capability, CapabilityStatus, Field} from '../capability-report.ts';

type Words = Readonly<Partial<Record<Field, string>>>;
type Layer = Readonly<Partial<Record<Field, Capability>>>;

const layer =
  (status: CapabilityStatus) =>
  (words: Words): Layer =>
    Object.fromEntries(Object.entries(words).map(([field, by]) => [field, {status, by}]));

export const native = layer('native');
export const emulated = layer('emulated');
export const approximate = layer('approximate');
export const launcher = layer('launcher');
export const unsupported = layer('unsupported');

const none: Capability = {status: 'unsupported', by: 'the manager has no word for it'};
const noContainer: Capability = {status: 'unsupported', by: 'nothing runs in a container'};

/** Where every format begins: what is no question of the manager, and that all else is unsupported until it says otherwise. */
const NOTHING: Capabilities = {
  schema: {status: 'native', by: 'the version of the model'},
  name: {status: 'native', by: 'names of the files'},
  description: none,
  root: none,
  'user.name': none,
  'user.group': none,
  'user.supplementary': none,
  unitDir: {status: 'native', by: 'no file names another one (no directive)'},
  logDir: {status: 'unsupported', by: 'the manager keeps logs in its own place'},
  path: none,
  programs: {status: 'native', by: 'the path of the program'},
  envStorage: none,
  image: noContainer,
  sysctl: none,
  'target.version': none,
  'target.scope': none,
  'target.units': none,
  'processes.name': {status: 'native', by: 'names of the files'},
  'processes.description': none,
  'processes.command': none,
  'processes.instances': none,
  'processes.cwd': none,
  'processes.env': none,
  'processes.envFiles': none,
  'processes.port': {status: 'native', by: 'a variable of each instance'},
  'processes.scale': {status: 'unsupported', by: 'nothing above the machine counts instances'},
  'processes.limits.memoryMax': none,
  'processes.limits.memoryHigh': none,
  'processes.limits.swapMax': none,
  'processes.limits.cpuQuota': none,
  'processes.limits.cpuWeight': none,
  'processes.limits.cpus': none,
  'processes.limits.tasksMax': none,
  'processes.limits.ioWeight': none,
  'processes.limits.nofile': none,
  'processes.limits.nproc': none,
  'processes.limits.core': none,
  'processes.limits.as': none,
  'processes.limits.data': none,
  'processes.limits.stack': none,
  'processes.limits.memlock': none,
  'processes.limits.fsize': none,
  'processes.restart.policy': none,
  'processes.restart.delayMs': none,
  'processes.restart.maxDelayMs': none,
  'processes.restart.limit': none,
  'processes.restart.preventExit': none,
  'processes.restart.successExit': none,
  'processes.start.ready': none,
  'processes.start.timeoutMs': none,
  'processes.stop.signal': none,
  'processes.stop.timeoutMs': none,
  'processes.stop.scope': none,
  'processes.reload': none,
  'processes.health': none,
  'processes.hooks.preStart': none,
  'processes.hooks.postStart': none,
  'processes.hooks.preStop': none,
  'processes.hooks.postStop': none,
  'processes.logs.tag': none,
  'processes.logs.output': none,
  'processes.logs.rotate': none,
  'processes.pidfile': none,
  'processes.umask': none,
  'processes.nice': none,
  'processes.ioClass': none,
  'processes.oomScoreAdjust': none,
  'processes.sockets': none,
  'processes.capabilities': none,
  'processes.harden': none,
  'processes.deps.requires': none,
  'processes.deps.wants': none,
  'processes.deps.after': none,
  'processes.deps.network': none,
  'processes.boot': none,
  'processes.extra': none,
};

export const FIELDS = Object.keys(NOTHING) as readonly Field[];

/** Limits that `ulimit` of a shell sets. */
const ULIMITS: Layer = launcher({
  'processes.limits.nofile': 'ulimit -n',
  'processes.limits.nproc': 'ulimit -u',
  'processes.limits.core': 'ulimit -c',
  'processes.limits.as': 'ulimit -v',
  'processes.limits.data': 'ulimit -d',
  'processes.limits.stack': 'ulimit -s',
  'processes.limits.memlock': 'ulimit -l',
  'processes.limits.fsize': 'ulimit -f',
});

/** What a launcher of ours does on any unix. */
export const LAUNCHED: Layer = {
  ...ULIMITS,
  ...launcher({
    root: 'cd',
    path: 'export PATH',
    'processes.command': 'exec',
    'processes.cwd': 'cd',
    'processes.env': 'export',
    'processes.hooks.preStart': '/bin/sh -c before exec',
    'processes.umask': 'umask',
    'processes.nice': 'nice -n',
    'processes.pidfile': 'echo $$',
  }),
  ...approximate({'processes.envFiles': 'read by /bin/sh, which expands $ and ` outside of single quotes'}),
};

/** And on Linux. */
export const LAUNCHED_ON_LINUX: Layer = {
  ...LAUNCHED,
  ...launcher({
    'processes.ioClass': 'ionice -c',
    'processes.oomScoreAdjust': '/proc/self/oom_score_adj',
  }),
  ...emulated({sysctl: 'sysctl -w before each start'}),
};

/** Accounts, where our launcher changes to them. */
export const DROPPED_BY_SETPRIV: Layer = launcher({
  'user.name': 'setpriv --reuid',
  'user.group': 'setpriv --regid',
  'user.supplementary': 'setpriv --groups',
});

/** Logs, where our launcher opens the files itself. */
export const LOGGED_BY_REDIRECTION: Layer = launcher({
  logDir: 'exec >>FILE',
  'processes.logs.output': 'exec >>FILE',
});

/** What a format can, later layers over earlier ones. */
export function capabilitiesOf(...layers: readonly Layer[]): Capabilities {
  return Object.assign({...NOTHING}, ...layers) as Capabilities;
}
