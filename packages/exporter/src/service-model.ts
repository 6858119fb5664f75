import type {
  DependencyRule,
  HealthRule,
  HookRule,
  LogRule,
  RestartRule,
  ScaleRule,
  ServiceLimits,
  SocketRule,
  StartRule,
  StopRule,
} from './service-rules.ts';

/** An app's services, in the words of no particular process manager. JSON; the schema is `schemas/service-model.json`. */
export interface ServiceModel {
  readonly schema: 1;
  /** `^[a-z][a-z0-9-]{0,62}$`; begins the name of every file. */
  readonly name: string;
  readonly description?: string | undefined;
  /** Absolute; may be a link such as `/srv/app/current`, which is then followed when a process starts. */
  readonly root: string;
  readonly user?: ServiceUser | undefined;
  /** Absolute: where the files will lie when the manager reads them. Default: the manager's own directory. */
  readonly unitDir?: string | undefined;
  /** Absolute: a directory for logs, used by managers that write them themselves. Default `/var/log/<name>`. */
  readonly logDir?: string | undefined;
  /** Directories of PATH. Default: `<root>/node_modules/.bin` and the system's. */
  readonly path?: readonly string[] | undefined;
  /** Absolute path of programs that commands name without one: `{"node": "/usr/bin/node"}`. */
  readonly programs?: Readonly<Record<string, string>> | undefined;
  /** `file` (default): values go to files that only root reads. `inline`: into the unit, where every user sees them. */
  readonly envStorage?: 'file' | 'inline' | undefined;
  /** What containers are made of; needed by formats that start containers. */
  readonly image?: string | undefined;
  /** Kernel parameters set before a process starts: `{"net.core.somaxconn": "1024"}`. */
  readonly sysctl?: Readonly<Record<string, string>> | undefined;
  readonly target?: ServiceTarget | undefined;
  readonly processes: readonly ServiceProcess[];
}

export interface ServiceUser {
  readonly name: string;
  readonly group?: string | undefined;
  readonly supplementary?: readonly string[] | undefined;
}

/** The manager that the files are for. */
export interface ServiceTarget {
  /** Its version; what a lower one doesn't know is left out and reported. Default: the lowest that the format supports. */
  readonly version?: number | undefined;
  /** `user`: units of a user's own manager. Default `system`. */
  readonly scope?: 'system' | 'user' | undefined;
  /** `template`: one template unit a process type, whose instances are started by number. Default `flat`: one unit an instance. */
  readonly units?: 'flat' | 'template' | undefined;
}

export interface ServiceProcess {
  /** The process type: `web`. */
  readonly name: string;
  readonly description?: string | undefined;
  /** A Procfile line, or the words of a program that no shell is to see. */
  readonly command: string | {readonly argv: readonly string[]};
  /** Default 1. */
  readonly instances?: number | undefined;
  /** Absolute, or relative to `root`. Default `root`. */
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Read by the manager when a process starts; `env` wins over them. */
  readonly envFiles?: readonly EnvFile[] | undefined;
  /** Instance n gets port `base + n - 1` in variable `env` (default PORT). */
  readonly port?: {readonly base: number; readonly env?: string | undefined} | undefined;
  readonly scale?: ScaleRule | undefined;
  readonly limits?: ServiceLimits | undefined;
  readonly restart?: RestartRule | undefined;
  readonly start?: StartRule | undefined;
  readonly stop?: StopRule | undefined;
  /** Signal on which the program reads its configuration again. */
  readonly reload?: string | undefined;
  readonly health?: HealthRule | undefined;
  readonly hooks?: HookRule | undefined;
  readonly logs?: LogRule | undefined;
  /** Absolute; `{n}` is the number of the instance. */
  readonly pidfile?: string | undefined;
  /** Octal: `027`. */
  readonly umask?: string | undefined;
  /** -20 to 19. */
  readonly nice?: number | undefined;
  readonly ioClass?: 'realtime' | 'best-effort' | 'idle' | undefined;
  /** -1000 to 1000. */
  readonly oomScoreAdjust?: number | undefined;
  /** Listening sockets that the manager opens and hands over (sd_listen_fds(3)). */
  readonly sockets?: readonly SocketRule[] | undefined;
  /** Linux capabilities that the process keeps without being root: `["CAP_NET_BIND_SERVICE"]`. */
  readonly capabilities?: readonly string[] | undefined;
  /** Default `basic`. */
  readonly harden?: 'none' | 'basic' | 'strict' | undefined;
  readonly deps?: DependencyRule | undefined;
  /** Starts with the machine. Default true. */
  readonly boot?: boolean | undefined;
  /** Lines that go into the files of one format as they are: `{"systemd": ["CPUSchedulingPolicy=batch"]}`. */
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface EnvFile {
  readonly path: string;
  /** A missing file is no error. Default false. */
  readonly optional?: boolean | undefined;
}
