import {join} from 'node:path';
import {readManifest} from '@keelson/manifest';
import {readProcfile} from '@keelson/procfile';
import type {ConfigFacts, ReleaseFacts} from '@keelson/releases';
import {attempt, type Outcome, type Refusal} from './attempt.ts';
import type {DeployOptions} from './deploy.ts';
import {deployRules} from './deploy-rules.ts';
import {nodeOf} from './node-folder.ts';
import type {Deployment, DeployTarget} from './deployment.ts';
import {DeployFault} from './fault.ts';
import {bindConfig, formationRows, planWorkload} from './plan-workload.ts';
import {renderTemplates} from './render-templates.ts';
import {switchOver} from './switch-over.ts';

/** The text of an env file, or what makes it of the one before; and where the values come from. */
export interface ConfigChange extends Omit<ConfigFacts, 'at'> {
  readonly text: string | ((before: string) => string | Promise<string>);
}

/**
 * Makes a config revision and brings the current release into service with it, as a release of its own that shares its files, but for
 * those that are rendered: so a rollback
 * goes back to the configuration before. Behind the same gate, checks and bake window as a deploy; no action and no migration runs.
 * A refusal (a value) leaves the old configuration in service, and the next deploy binds that, too.
 * Faults: DEPLOY_CONFIG when nothing is deployed, and those of deploy.
 */
export async function reconfigure<G>(
  change: ConfigChange,
  to: DeployTarget<G>,
  options: DeployOptions = {},
): Promise<Deployment> {
  const {signal} = options;
  signal?.throwIfAborted();
  return attempt({what: 'config', reason: 'another configuration', to, options}, async (at) => {
    const {releases, undo, tell} = at;
    const current = await releases.current();
    if (current === undefined)
      throw new DeployFault('DEPLOY_CONFIG', `nothing is deployed in ${releases.root}`, {
        hint: 'Deploy an archive first.',
      });
    const before = await releases.config.current();
    const {text, by = options.by, ...facts} = change;
    const next = typeof text === 'string' ? text : await text(before.text);
    const config = next === before.text ? before : await releases.config.propose(next, {...facts, by});

    const staged = await releases.stage(undefined, 'config');
    const {number} = staged;
    const {digest, name, version, revision, dependencies, node: boundNode, user} = current;
    const made: ReleaseFacts = {
      digest,
      name,
      version,
      revision,
      dependencies,
      node: boundNode,
      user,
      config: config.number,
    };
    at.about({release: number, digest, version, revision, config: config.number});
    undo.add(`release ${number}`, () => staged.discard());
    tell({type: 'deploy:staged', release: number});

    const refuse = (refusal: Refusal, formation: Deployment['formation'] = []): Outcome => {
      const release = {...current, ...made, number, state: 'bad'} as const;
      return {result: 'refused', release, formation, refusal};
    };
    const manifest = await readManifest(current.dir, {signal});
    const procfile = await readProcfile(current.dir, {signal});
    const rules = await deployRules(current.dir, releases.settings);
    const bound = await bindConfig(config, manifest, {environment: to.environment, signal});
    if ('because' in bound) return refuse(bound);
    const node = await nodeOf(current, manifest, {nodeFor: to.nodeFor, signal});
    const plan = await planWorkload({manifest, procfile, rules, node}, bound.values, at);
    tell({type: 'deploy:configured', config: config.number});
    await staged.shareTree(current);
    const dir = join(releases.root, 'releases', String(number));
    const unrendered = await renderTemplates(staged, {rules, plan, release: {...made, number, dir}, tell});
    if (unrendered !== undefined) return refuse(unrendered, formationRows(plan));
    const release = await staged.commit(made);
    undo.clear();
    undo.add(`release ${number}, marked bad`, (because) => releases.markBad(release, because));
    tell({type: 'deploy:committed', release: number});
    undo.add(`choice of config revision ${config.number}`, () => releases.config.choose(before.number));
    await releases.config.choose(config.number);
    const outcome = await switchOver(release, plan, at);
    return {...outcome, formation: formationRows(plan)};
  });
}
