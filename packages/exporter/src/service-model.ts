/** An app's services, in the words of no particular process manager. JSON; the schema is `schemas/service-model.json`. */
export interface ServiceModel {
  readonly schema: 1;
  /** `^[a-z][a-z0-9-]{0,62}$`; begins the name of every file. */
  readonly name: string;
  readonly description?: string | undefined;
  /** Absolute; may be a link such as `/srv/app/current`, which is then followed when a process starts. */
  readonly root: string;
  readonly user?: ServiceUser | undefined;
  /** Absolute: where the files will lie when the manager reads them. Default `/etc/systemd/system`. */
  readonly unitDir?: string | undefined;
  /** Directories of PATH. Default: `<root>/node_modules/.bin` and the system's. */
  readonly path?: readonly string[] | undefined;
  /** Absolute path of programs that commands name without one: `{"node": "/usr/bin/node"}`. */
  readonly programs?: Readonly<Record<string, string>> | undefined;
  /** `file` (default): values go to files that only root reads. `inline`: into the unit, where every user sees them. */
  readonly envStorage?: 'file' | 'inline' | undefined;
  readonly processes: readonly ServiceProcess[];
}

export interface ServiceUser {
  readonly name: string;
  readonly group?: string | undefined;
}

export interface ServiceProcess {
  /** The process type: `web`. */
  readonly name: string;
  /** A Procfile line. */
  readonly command: string;
  /** Default 1. */
  readonly instances?: number | undefined;
  /** Absolute, or relative to `root`. Default `root`. */
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Read by the manager when a process starts; `env` wins over them. */
  readonly envFiles?: readonly EnvFile[] | undefined;
  /** Instance n gets port `base + n - 1` in variable `env` (default PORT). */
  readonly port?: {readonly base: number; readonly env?: string | undefined} | undefined;
  readonly limits?: ServiceLimits | undefined;
  readonly restart?: RestartRule | undefined;
  readonly stop?: StopRule | undefined;
  /** `tag`: default `<app>-<process>-<n>`. */
  readonly logs?: {readonly tag?: string | undefined} | undefined;
  /** Default `basic`. */
  readonly harden?: 'none' | 'basic' | undefined;
}

export interface EnvFile {
  readonly path: string;
  /** A missing file is no error. Default false. */
  readonly optional?: boolean | undefined;
}

export interface ServiceLimits {
  /** Bytes. */
  readonly memoryMax?: number | undefined;
  /** CPUs; 0.5 is half of one. */
  readonly cpuQuota?: number | undefined;
  /** Open file descriptors. */
  readonly nofile?: number | undefined;
}

interface RestartRule {
  /** Default `always`. */
  readonly policy?: 'no' | 'on-failure' | 'always' | undefined;
  /** Default 1000. */
  readonly delayMs?: number | undefined;
  /** Give up after `count` starts within `withinMs`. Default: never. */
  readonly limit?: {readonly count: number; readonly withinMs: number} | undefined;
}

interface StopRule {
  /** Default SIGTERM. */
  readonly signal?: string | undefined;
  /** Until SIGKILL. Default 10000. */
  readonly timeoutMs?: number | undefined;
}
