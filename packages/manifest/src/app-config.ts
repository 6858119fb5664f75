/** The `keelson` section of package.json with its defaults filled in. */
export interface AppConfig {
  readonly build: {
    /** package.json scripts that build the app, in this order. Default: `build` when there is one. */
    readonly scripts: readonly string[];
  };
  /** Relative folders that outlive releases. */
  readonly persistent: readonly string[];
  /** Environment variables the app cannot start without. */
  readonly required: readonly string[];
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
}
