/** Infinity is `"infinity"`. */
export type Amount = number | 'infinity';

export interface ServiceLimits {
  /** Bytes. */
  readonly memoryMax?: number | undefined;
  /** Bytes above which the kernel slows the process down and reclaims. */
  readonly memoryHigh?: number | undefined;
  /** Bytes. */
  readonly swapMax?: number | undefined;
  /** CPUs; 0.5 is half of one. */
  readonly cpuQuota?: number | undefined;
  /** 1 to 10000; 100 is the share of any other service. */
  readonly cpuWeight?: number | undefined;
  /** Which CPUs: `0-3,5`. */
  readonly cpus?: string | undefined;
  /** Processes and threads together. */
  readonly tasksMax?: number | undefined;
  /** 1 to 10000; 100 is the share of any other service. */
  readonly ioWeight?: number | undefined;
  /** Open file descriptors. */
  readonly nofile?: Amount | {readonly soft: Amount; readonly hard: Amount} | undefined;
  /** Processes of the user. */
  readonly nproc?: Amount | undefined;
  /** Bytes of a core file. */
  readonly core?: Amount | undefined;
  /** Bytes of address space. Below some 1 GiB Node does not start. */
  readonly as?: Amount | undefined;
  /** Bytes. */
  readonly data?: Amount | undefined;
  /** Bytes. */
  readonly stack?: Amount | undefined;
  /** Bytes. */
  readonly memlock?: Amount | undefined;
  /** Bytes of a file that is written. */
  readonly fsize?: Amount | undefined;
}

export interface RestartRule {
  /** Default `always`. */
  readonly policy?: 'no' | 'on-failure' | 'always' | undefined;
  /** Default 1000. */
  readonly delayMs?: number | undefined;
  /** The delay grows to this. */
  readonly maxDelayMs?: number | undefined;
  /** Give up after `count` starts within `withinMs`. Default: never. */
  readonly limit?: {readonly count: number; readonly withinMs: number} | undefined;
  /** Exit codes after which it isn't started again. */
  readonly preventExit?: readonly number[] | undefined;
  /** Exit codes beside 0 that are no failure. */
  readonly successExit?: readonly number[] | undefined;
}

/** More instances under load, where something above the machine decides how many there are. */
export interface ScaleRule {
  /** Most instances; `instances` are the fewest. */
  readonly max: number;
  /** Use of `limits.cpuQuota` that calls for more. Default 80. */
  readonly cpuPercent?: number | undefined;
}

export interface StartRule {
  /** `notify`: the program says when it is ready (sd_notify(3)). Default `exec`: it is when it runs. */
  readonly ready?: 'exec' | 'notify' | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface StopRule {
  /** Default SIGTERM. */
  readonly signal?: string | undefined;
  /** Until SIGKILL. Default 10000. */
  readonly timeoutMs?: number | undefined;
  /** Who gets the signal. Default: the program itself; with a shell above it everything below the shell. */
  readonly scope?: 'main' | 'group' | undefined;
}

export interface HealthRule {
  /** `watchdog`: the program says that it lives (WATCHDOG=1 of sd_notify(3)). */
  readonly kind: 'http' | 'exec' | 'watchdog';
  /** Of `http`, on the instance's port. Default `/`. */
  readonly path?: string | undefined;
  /** Of `exec`: a shell line. */
  readonly command?: string | undefined;
  /** Default 10000. */
  readonly intervalMs?: number | undefined;
  /** Default 5000. */
  readonly timeoutMs?: number | undefined;
  /** Failures in a row. Default 3. */
  readonly retries?: number | undefined;
}

/** Shell lines, run with the process's rights, variables and directory. */
export interface HookRule {
  readonly preStart?: readonly string[] | undefined;
  readonly postStart?: readonly string[] | undefined;
  readonly preStop?: readonly string[] | undefined;
  readonly postStop?: readonly string[] | undefined;
}

export interface LogRule {
  /** Default `<app>-<process>-<n>`. */
  readonly tag?: string | undefined;
  /** Default `manager`: where the manager keeps them. A file (absolute; `{n}` is the number of the instance) is appended to. */
  readonly output?: 'manager' | 'null' | {readonly file: string} | undefined;
  /** Where the manager writes the files itself. */
  readonly rotate?: {readonly maxBytes: number; readonly files: number} | undefined;
}

export interface SocketRule {
  /** `127.0.0.1:80`, `[::]:80`, `80` or an absolute path; `{port}` and `{n}` are the instance's. */
  readonly listen: string;
  readonly name?: string | undefined;
  readonly backlog?: number | undefined;
  /** Octal mode of a socket file. */
  readonly mode?: string | undefined;
}

/** Names of other services, in the words of the manager. */
export interface DependencyRule {
  readonly requires?: readonly string[] | undefined;
  readonly wants?: readonly string[] | undefined;
  readonly after?: readonly string[] | undefined;
  /** `online`: not before the network has addresses. */
  readonly network?: 'network' | 'online' | undefined;
}
