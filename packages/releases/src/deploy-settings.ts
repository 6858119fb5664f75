import {ReleaseFault} from './fault.ts';
import type {MigrationKind} from './migration-ledger.ts';
import {readIfThere} from './release-store.ts';

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

/** `<root>/keelson.json`: how this deployment differs from what the app says. Every key is optional. */
export interface DeploySettings extends DeployRules {
  /** What this deployment is, e.g. `production`; for the journal. */
  readonly environment?: string | undefined;
  /** Good releases kept for a rollback. */
  readonly keep?: number | undefined;
  /** What all releases together may take of the disk, e.g. `20G`. */
  readonly disk?: string | undefined;
  /** Milliseconds after the switch in which a failure of the new version switches back. */
  readonly bakeMs?: number | undefined;
  readonly health?: {readonly path?: string | undefined; readonly timeoutMs?: number | undefined} | undefined;
  /** Process type → instances. */
  readonly formation?: Readonly<Record<string, number>> | undefined;
  /** Memory of all processes together, e.g. `512M`. */
  readonly memory?: string | undefined;
  readonly cpus?: number | undefined;
  /** First port of the app. */
  readonly port?: number | undefined;
  /** Path of a public key: only archives that it signed are taken. */
  readonly key?: string | undefined;
  /** Who runs install scripts when the deployer is root. */
  readonly user?: string | undefined;
}

/** Reads and checks keelson.json; a missing one says nothing. Fault RELEASE_SETTINGS. */
export async function readSettings(path: string): Promise<DeploySettings> {
  return (await readChecked(path, 'settings')) ?? {};
}

/** Reads and checks the keelson.deploy.json of an app; a missing one says nothing. Fault RELEASE_SETTINGS. */
export async function readProjectRules(path: string): Promise<ProjectRules> {
  return (await readChecked(path, 'project')) ?? {};
}

/** Checks what is to be written as keelson.json. Fault RELEASE_SETTINGS. */
export function settingsOf(text: string, path: string): Promise<DeploySettings> {
  return checked(text, path, 'settings');
}

async function readChecked(path: string, which: 'settings' | 'project'): Promise<object | undefined> {
  const text = await readIfThere(path);
  return text === undefined ? undefined : checked(text, path, which);
}

async function checked(text: string, path: string, which: 'settings' | 'project'): Promise<object> {
  const {checkProject, checkSettings} = await import('./settings-schema.ts');
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ReleaseFault('RELEASE_SETTINGS', `${path} is not JSON: ${(cause as Error).message}`, {cause});
  }
  const found = which === 'settings' ? checkSettings(value) : checkProject(value);
  if ('problems' in found)
    throw new ReleaseFault('RELEASE_SETTINGS', found.problems.map((one) => `${path}: ${one}`).join('\n'), {
      hint: `The keys are listed in @keelson/releases/${which === 'settings' ? 'schema' : 'project-schema'}.json.`,
    });
  return found.value;
}
