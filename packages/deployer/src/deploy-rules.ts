import {join} from 'node:path';
import {
  readProjectRules,
  type Action,
  type DeploySettings,
  type HealthCheck,
  type Migration,
  type ProjectRules,
} from '@keelson/releases';

/** What an app says of its deploys, with what the deployment says over it. */
export interface Rules {
  readonly project: Readonly<Record<string, Action>>;
  readonly deployment: Readonly<Record<string, Action>>;
  readonly checks: readonly HealthCheck[];
  readonly migrations: readonly Migration[];
  /** File → its template. */
  readonly templates: Readonly<Record<string, string>>;
  readonly assets: {readonly folders: readonly string[]; readonly keep: number};
}

const ASSETS_KEPT = 3;

/**
 * `keelson.deploy.json` of a release's tree and keelson.json of the deploy root. Actions are looked up in both, since a deployment's list may
 * hold the app's (`@default`); `checks` are replaced as a whole, `assets` key by key. Fault RELEASE_SETTINGS.
 */
export async function deployRules(dir: string, settings: DeploySettings): Promise<Rules> {
  const project: ProjectRules = await readProjectRules(join(dir, 'keelson.deploy.json'));
  const {folders, keep} = {...project.assets, ...settings.assets};
  return {
    project: project.actions ?? {},
    deployment: settings.actions ?? {},
    checks: settings.checks ?? project.checks ?? [],
    migrations: project.migrations ?? [],
    templates: project.templates ?? {},
    assets: {folders: folders ?? [], keep: keep ?? ASSETS_KEPT},
  };
}
