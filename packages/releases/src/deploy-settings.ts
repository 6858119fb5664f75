import type {MigrationKind} from './migration-ledger.ts';

/**
 * One step or several of an action: `@default` (what would be done without it), `@keelson …` (a command of ours), the name of another
 * action, or a line for `sh -c`.
 */
export type Action = string | readonly string[];

/** What has to hold before (or, where a runtime cannot say where an instance listens, right after) a version takes traffic. */
export type HealthCheck = {
  /** How long it may take to hold. Default 30 000. */
  readonly timeoutMs?: number | undefined;
} & (
  | {readonly tcp: true | number}
  | {
      readonly http: string;
      /** Default 200 to 399. */
      readonly status?: number | readonly number[] | undefined;
      /** A regular expression for the body's first 64 KiB. */
      readonly body?: string | undefined;
      /** Name → regular expression for its value. */
      readonly headers?: Readonly<Record<string, string>> | undefined;
    }
  /** A line for `sh -c` in the release, with the app's environment. */
  | {readonly command: string}
  /** Milliseconds that no instance may end in. */
  | {readonly staysUpMs: number}
  /** A regular expression that a line of each instance's output matches. */
  | {readonly log: string}
);

/** A change of what releases share (a database); each is run once in a deploy root, in this order. */
export interface Migration {
  readonly name: string;
  readonly kind: MigrationKind;
  /** A line for `sh -c`. */
  readonly run: string;
}

/** What an app and a deployment can both say; the deployment counts. */
export interface DeployRules {
  /** By name: `prepare`, `build`, `migrate`, and your own. */
  readonly actions?: Readonly<Record<string, Action>> | undefined;
  readonly checks?: readonly HealthCheck[] | undefined;
  readonly assets?:
    | {
        /** Of hashed files, relative to the app. */
        readonly folders?: readonly string[] | undefined;
        /** How many earlier releases' files stay reachable. Default 3. */
        readonly keep?: number | undefined;
      }
    | undefined;
}

/** `keelson.deploy.json` in an app: how it is deployed, wherever that is. Every key is optional. */
export interface ProjectRules extends DeployRules {
  readonly migrations?: readonly Migration[] | undefined;
  /** Configuration files that are made for each release: file → the Handlebars template of it, both relative to the app. */
  readonly templates?: Readonly<Record<string, string>> | undefined;
}

/** What an entry point needs and may have, as `@keelson/resource-limits` shares it out, and how it ends. */
export interface Tune {
  readonly minMemory?: string | undefined;
  readonly maxMemory?: string | undefined;
  readonly maxTotalMemory?: string | undefined;
  readonly connMemory?: string | undefined;
  readonly connFD?: number | undefined;
  readonly memWeight?: number | undefined;
  readonly cpuWeight?: number | undefined;
  readonly instances?: number | undefined;
  readonly maxInstances?: number | undefined;
  readonly scalable?: boolean | undefined;
  readonly multiCore?: boolean | undefined;
  readonly reloadable?: boolean | undefined;
  readonly graceMs?: number | undefined;
}

/** What a web server is to do below a path; Keelson has none, and hands it on in `.keelson/merged.json`. */
export interface WebMount {
  /** Process type that requests are passed to. */
  readonly app?: string | undefined;
  /** Folder of the app whose files are sent. */
  readonly serve?: string | undefined;
  readonly tune?: Readonly<Record<string, unknown>> | undefined;
}

/** Settings that a machine (`/etc/keelson/keelson.json`) and a user (`~/.config/keelson/keelson.json`) can have for all deployments. */
export interface MachineSettings {
  /** What this deployment is, e.g. `production`; for the journal. */
  readonly environment?: string | undefined;
  /** Good releases kept for a rollback. */
  readonly keep?: number | undefined;
  /** What all releases together may take of the disk, e.g. `20G`. */
  readonly disk?: string | undefined;
  /** Milliseconds after the switch in which a failure of the new version switches back. */
  readonly bakeMs?: number | undefined;
  /** Memory of all processes together, e.g. `512M`. */
  readonly memory?: string | undefined;
  readonly cpus?: number | undefined;
  /** Path of a public key: only archives that it signed are taken. */
  readonly key?: string | undefined;
  /** Who runs install scripts when the deployer is root. */
  readonly user?: string | undefined;
  /** Where the app's processes keep what is temporary (TMPDIR). */
  readonly tmpDir?: string | undefined;
  /** Of the systemd units; default the user's own. */
  readonly group?: string | undefined;
  /** `node`: for every entry point, below what each says itself. */
  readonly toolTune?: {readonly node?: Tune | undefined} | undefined;
}

/** `<root>/keelson.json`: how this deployment differs from what the app says. Every key is optional. */
export interface DeploySettings extends DeployRules, MachineSettings {
  readonly health?: {readonly path?: string | undefined; readonly timeoutMs?: number | undefined} | undefined;
  /** `node`: a range, in place of the app's `engines.node`. */
  readonly tools?: {readonly node?: string | undefined} | undefined;
  /** Process type → instances. */
  readonly formation?: Readonly<Record<string, number>> | undefined;
  /** First port of the app. */
  readonly port?: number | undefined;
  /** Folders that outlive releases, beside the app's own. */
  readonly persistent?: readonly string[] | undefined;
  /** Process type → another command than the Procfile's (or a type that it lacks), and what it needs, over what the app says. */
  readonly entryPoints?:
    | Readonly<Record<string, {readonly command?: string | undefined; readonly tune?: Tune | undefined}>>
    | undefined;
  /** For the web server in front. */
  readonly webcfg?:
    | {
        /** Folder of the app whose files are sent. */
        readonly root?: string | undefined;
        /** Process type that gets what is nowhere else. */
        readonly main?: string | undefined;
        /** Path → a process type, or more of it. */
        readonly mounts?: Readonly<Record<string, string | WebMount>> | undefined;
      }
    | undefined;
}
