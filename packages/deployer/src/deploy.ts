import {join} from 'node:path';
import type {Archive} from '@keelson/archive';
import {
  asOwner,
  ownDependencies,
  prepare,
  type PreparedApp,
  type RawPackage,
  type TrustedKey,
} from '@keelson/preparer';
import type {ReleaseFacts, StagedRelease} from '@keelson/releases';
import type {LimitOverrides} from '@keelson/resource-limits';
import type {StepOptions} from '@keelson/step';
import {actionSteps} from './action-steps.ts';
import {attempt, type Attempt, type Outcome, type Refusal} from './attempt.ts';
import {deployRules, type Rules} from './deploy-rules.ts';
import {persistentOf} from './deployed-app.ts';
import type {Deployment, DeployEvent, DeployTarget} from './deployment.ts';
import {givePersistent} from './give-persistent.ts';
import {migrate, runAction} from './migrate.ts';
import {bindConfig, formationRows, planWorkload} from './plan-workload.ts';
import {renderTemplates} from './render-templates.ts';
import {switchOver} from './switch-over.ts';

export interface DeployOptions extends StepOptions<DeployEvent> {
  /** Memory and CPUs to share out. Default: keelson.json of the deploy root, else what the machine gives. */
  readonly limits?: LimitOverrides | undefined;
  /** Milliseconds after the switch in which a failure switches back. Default: keelson.json, else 10 000. */
  readonly bakeMs?: number | undefined;
  /** Releases to keep, of those that were good once. Default: keelson.json, else 5. */
  readonly keep?: number | undefined;
  /** Run the app's code although this process is root. Default false: DEPLOY_NEEDS_USER. */
  readonly allowRoot?: boolean | undefined;
  /** How long to wait while another deploy holds the lock. Default 0. */
  readonly waitMs?: number | undefined;
  /** Who, for the journal. Default: the system user. */
  readonly by?: string | undefined;
  /** Who runs install scripts, actions, migrations and checks when this process is root. Default: keelson.json, else the owner of the deploy root. */
  readonly user?: string | undefined;
  /** Only archives that this key signed are taken. Default: `key` of keelson.json, else any. */
  readonly trusted?: TrustedKey | undefined;
}

export interface AppDeployOptions extends DeployOptions {
  /** Run the action `build` for what was built already, too. Default false. */
  readonly build?: boolean | undefined;
}

/**
 * Brings an archive, or a package that was not built, into service on this machine, or leaves everything as it was and says why: lock →
 * free-space check → stage → verify and prepare → bind config → link persistent folders → configuration files from templates → actions
 * `prepare` and (of a package) `build` → migrate → assets of earlier releases → make read-only → start → health-gate and checks → switch `current` → open traffic → bake window →
 * drain the old version → prune → journal.
 * Refused (a value): required keys that the config revision lacks or that are not of their type, secrets that cannot be read, templates
 * that cannot be rendered, an action,
 * migration or check that fails, an instance that does not get healthy, takes no traffic, or fails in the bake window. Faults:
 * DEPLOY_NEEDS_USER, DEPLOY_ACTION, RELEASE_*, PREPARE_*, and those of archive, manifest, procfile, env, resource-limits and the runtime; they
 * too are taken back first.
 */
export async function deploy<G>(
  app: Archive | RawPackage,
  to: DeployTarget<G>,
  options: AppDeployOptions = {},
): Promise<Deployment> {
  options.signal?.throwIfAborted();
  const job = {what: 'deploy', reason: `deploy of ${nameOf(app)}`, to, options} as const;
  return attempt(job, async (at) => {
    const {releases, undo, tell} = at;
    const config = await releases.config.current();
    const staged = await releases.stage(app.kind === 'archive' ? needOf(app) : undefined);
    const {number} = staged;
    at.about({release: number, ...knownOf(app), config: config.number});
    undo.add(`unpacked release ${number}`, () => staged.discard());
    tell({type: 'deploy:staged', release: number});

    const prepared = await prepareStaged(app, staged, at);
    const facts = {...factsOf(app, prepared, config.number), user: userOf(at)};
    at.about({release: number, ...facts});
    tell({type: 'deploy:prepared', release: number, proved: prepared.proved.length});

    const dir = join(releases.root, 'releases', String(number));
    const refuse = (refusal: Refusal, formation: Deployment['formation'] = []): Outcome => {
      const createdAt = new Date().toISOString();
      const release = {kind: 'release', number, dir, ...facts, createdAt, state: 'bad'} as const;
      return {result: 'refused', release, formation, refusal};
    };
    const rules = await deployRules(staged.dir, releases.settings);
    const {environment} = to;
    const bound = await bindConfig(config, prepared.manifest, {environment, signal: options.signal});
    if ('because' in bound) return refuse(bound);
    const plan = await planWorkload({...prepared, rules}, bound.values, at);
    tell({type: 'deploy:configured', config: config.number});

    const persistent = persistentOf(prepared.manifest, releases.settings);
    await staged.linkPersistent(persistent);
    tell({type: 'deploy:linked', paths: persistent});

    const unrendered = await renderTemplates(staged, {rules, plan, release: {...facts, number, dir}, tell});
    if (unrendered !== undefined) return refuse(unrendered, formationRows(plan));

    const {procfile} = prepared;
    const place = {release: number, procfile, rules, cwd: staged.dir, env: plan.env(staged.dir)};
    // What an action writes to must not be another release's file, too.
    if (changesTree(rules, builds(app, options))) await ownDependencies(staged.dir, {signal: options.signal});
    await givePersistent(releases.root, persistent, at.rights);
    const failed = await asOwner(
      staged.dir,
      at.rights,
      async () =>
        (await runAction('prepare', place, at)) ??
        (builds(app, options) ? await runAction('build', place, at) : undefined) ??
        (await migrate(place, at)),
    );
    if (failed !== undefined) return refuse(failed, formationRows(plan));
    await carryAssets(staged, rules, at);

    const release = await staged.commit(facts);
    undo.clear(); // what was unpacked has its name now
    undo.add(`release ${number}, marked bad`, (because) => releases.markBad(release, because));
    tell({type: 'deploy:committed', release: number});

    return switchOver(release, plan, at);
  });
}

function prepareStaged<G>(
  app: Archive | RawPackage,
  staged: StagedRelease,
  {releases, to, options}: Attempt<G>,
): Promise<PreparedApp> {
  const {key, user, tools} = releases.settings;
  const {nodeFor} = to;
  const {signal, onEvent, allowRoot} = options;
  return prepare(app, staged.dir, {
    signal,
    onEvent,
    allowRoot,
    user: options.user ?? user,
    nodeFor: nodeFor && ((range, step) => nodeFor(tools?.node ?? range, step)),
    trusted: options.trusted ?? (key === undefined ? undefined : {key}),
    store: releases.store,
  });
}

async function carryAssets<G>(
  staged: StagedRelease,
  {assets: {folders, keep}}: Rules,
  {releases, tell}: Attempt<G>,
): Promise<void> {
  if (folders.length === 0) return;
  const good = (await releases.list()).filter(({provedAt}) => provedAt !== undefined);
  const from = keep === 0 ? [] : good.slice(-keep).toReversed();
  const added = await staged.carryAssets({folders, from});
  tell({type: 'deploy:assets-carried', files: added.length});
}

function builds(app: Archive | RawPackage, {build}: AppDeployOptions): boolean {
  return app.kind === 'package' || build === true;
}

function changesTree(rules: Rules, build: boolean): boolean {
  const actions = build ? ['prepare', 'build'] : ['prepare'];
  return actions.some((name) => actionSteps(name, rules)!.some(({kind}) => kind !== 'default'));
}

function nameOf(app: Archive | RawPackage): string {
  return app.kind === 'archive' ? `${app.manifest.name} ${app.manifest.version}` : app.path;
}

function needOf({manifest: {contents}}: Archive): {bytes: number; files: number} {
  return {bytes: contents.bytes, files: contents.entries};
}

function knownOf(app: Archive | RawPackage): Pick<Partial<ReleaseFacts>, 'digest' | 'version' | 'revision'> {
  if (app.kind === 'package') return {};
  const {digest, manifest} = app;
  return {digest, version: manifest.version, revision: manifest.source.revision};
}

/** Whose it is when root deploys it. */
function userOf<G>({releases, options}: Attempt<G>): string | undefined {
  return process.getuid?.() === 0 ? (options.user ?? releases.settings.user) : undefined;
}

function factsOf(app: Archive | RawPackage, prepared: PreparedApp, config: number): ReleaseFacts {
  const {name, version} = prepared.manifest;
  const {digest} = prepared;
  const named = app.kind === 'archive' ? app.manifest : {name, version, source: {revision: undefined}};
  const {revision} = named.source;
  return {
    digest,
    name: named.name,
    version: named.version,
    revision,
    config,
    node: prepared.node?.version,
    dependencies: prepared.dependencies?.key,
  };
}
