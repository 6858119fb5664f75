import {readFile} from 'node:fs/promises';
import {basename, join, resolve} from 'node:path';
import {temporaryDirectory} from '@keelson/atomic-fs';
import {deploy, type Deployment, type DeployEvent} from '@keelson/deployer';
import {createSink, createTagger} from '@keelson/log-tagger';
import {openReleases} from '@keelson/releases';
import {isFault, type StepOptions} from '@keelson/step';
import {supervise} from '@keelson/supervisor';
import {buildPushed} from '../build-pushed.ts';
import type {DeployHere} from '../deploy-archive.ts';
import {nodeFor} from '../node-for.ts';
import {supervisorRuntime} from '../runtime/supervisor.ts';
import {watchTree} from './watch-tree.ts';

export interface DevOptions extends StepOptions<DeployEvent> {
  readonly here: DeployHere;
  /** Path of a .env, for the configuration. Default: none. */
  readonly env?: string | undefined;
  readonly onLine: (line: string) => void;
  readonly onDeployment: (deployment: Deployment) => void;
}

export interface DevEnded {
  readonly kind: 'dev-ended';
  readonly deployments: number;
}

/**
 * Runs a working copy as production would: built, deployed into a root that is gone afterwards, its share of the machine, sockets and gate
 * among it; again after each change, until the signal. What does not build or get healthy leaves the version before running. Faults: those of
 * the first build and deploy.
 */
export async function runDev(dir: string, options: DevOptions): Promise<DevEnded> {
  const {signal, onEvent, here, onLine} = options;
  const source = resolve(dir);
  await using folder = await temporaryDirectory({prefix: 'keelson-dev-'});
  const root = join(folder.path, 'app');
  if (options.env !== undefined) await configure(root, options.env);
  await using changes = await watchTree(source);
  const logs = createTagger({sink: createSink({kind: 'stdout'})});
  const supervisor = await supervise({runtimeDir: join(root, 'runtime'), host: here.host, logs});
  const {basePort, environment, limits} = here;
  const runtime = supervisorRuntime(supervisor);
  const to = {root, runtime, basePort, environment, nodeFor: nodeFor(root, here)};
  let deployments = 0;
  const bring = async (): Promise<void> => {
    const out = join(folder.path, 'app.tar');
    const cache = join(folder.path, 'cache');
    const app = await buildPushed({path: source, out, cache}, {signal, onLine});
    const deployment = await deploy(app, to, {signal, onEvent, limits, allowRoot: true, bakeMs: 0, keep: 1});
    deployments++;
    options.onDeployment(deployment);
  };
  try {
    await bring();
    for (;;) {
      const paths = await changes.changed(signal);
      if (signal?.aborted === true) break;
      onLine(`${changedLine(paths)}: again`);
      await bring().catch((error: unknown) => {
        if (signal?.aborted === true || !isFault(error)) throw error;
        onLine(`${error.message}; ${basename(source)} runs on as it was`);
      });
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  } finally {
    await supervisor.stop();
    await logs.close();
  }
  return {kind: 'dev-ended', deployments};
}

function changedLine(paths: readonly string[]): string {
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
  return `${paths[0] ?? 'something'}${more} changed`;
}

async function configure(root: string, path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  await using releases = await openReleases(root, {reason: 'configuration'});
  await releases.config.add(text, {reader: path});
}
