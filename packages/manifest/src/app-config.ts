/** The `keelson` section of package.json with its defaults filled in. */
export interface AppConfig {
  readonly build: {
    /** package.json scripts that build the app, in this order. Default: `heroku-postbuild` or else `build`, when there is one. */
    readonly scripts: readonly string[];
    /** Patterns as in a .gitignore: files of the app that must never go into an archive, and stop a build. */
    readonly secrets?: readonly string[] | undefined;
  };
  /** Relative folders that outlive releases. */
  readonly persistent: readonly string[];
  /** Environment variables the app cannot start without. */
  readonly required: readonly string[];
  /** What the values of required variables have to be, where the app says it. */
  readonly requiredTypes?: Readonly<Record<string, RequiredType>> | undefined;
  readonly health: {
    /** Default `/`. */
    readonly path: string;
    /** How long an instance may take to become healthy. Default 30 000. */
    readonly timeoutMs: number;
  };
  /** Process type → instances. */
  readonly formation: Readonly<Record<string, number>>;
  /** Process type → what it needs; all optional. */
  readonly processes: Readonly<Record<string, ProcessConfig>>;
}

/** As `@keelson/env` checks them. */
export type RequiredType = 'string' | 'int' | 'number' | 'bool' | 'port' | 'url' | 'json';

export interface ProcessConfig {
  /** e.g. `128M`. */
  readonly minMemory?: string | undefined;
  /** Memory of one connection, e.g. `256K`. */
  readonly connMemory?: string | undefined;
  readonly memWeight?: number | undefined;
  readonly cpuWeight?: number | undefined;
  readonly maxInstances?: number | undefined;
  readonly instances?: number | undefined;
  readonly scalable?: boolean | undefined;
  readonly multiCore?: boolean | undefined;
  readonly reloadable?: boolean | undefined;
  /** What asks it to end. Default SIGTERM. */
  readonly stopSignal?: StopSignal | undefined;
  /** How long it may take to end before it is killed. */
  readonly graceMs?: number | undefined;
  /** Port of its first instance, whatever its place in the Procfile. */
  readonly port?: number | undefined;
  /** It may end while the others run on. Default false. */
  readonly canDie?: boolean | undefined;
  /** Default `no`. */
  readonly restart?: RestartPolicy | undefined;
  /** Types that have to be ready before it starts. */
  readonly dependsOn?: readonly string[] | undefined;
  /** When it counts as ready. Default: as soon as it runs. */
  readonly ready?: ReadyConfig | undefined;
  /** Globs of files, relative to package.json, whose change restarts it in development. */
  readonly watch?: readonly string[] | undefined;
}

export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | 'SIGKILL';

export type RestartPolicy = 'no' | 'on-failure' | 'always';

/** One of the three. */
export interface ReadyConfig {
  /** A port that takes connections; true: its own. */
  readonly port?: number | true | undefined;
  /** A regular expression that a line of its output matches. */
  readonly line?: string | undefined;
  /** A path of its own port that answers 2xx or 3xx. */
  readonly http?: string | undefined;
  /** Default 30 000. */
  readonly timeoutMs?: number | undefined;
}
