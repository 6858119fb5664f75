import {constants} from 'node:fs';
import {lstat, open} from 'node:fs/promises';
import {hostname} from 'node:os';
import {join} from 'node:path';
import type {StagedRelease} from '@keelson/releases';
import type {Refusal} from './attempt.ts';
import type {Rules} from './deploy-rules.ts';
import type {DeployEvent} from './deployment.ts';
import type {WorkloadPlan} from './plan-workload.ts';
import {renderTemplate, TemplateProblem, type TemplateView} from './render-template.ts';

export interface TemplatePlace {
  readonly rules: Rules;
  readonly plan: WorkloadPlan;
  /** `dir`: where it will be. */
  readonly release: TemplateView['release'];
  readonly tell: (event: DeployEvent) => void;
}

const MOST_BYTES = 1024 * 1024;

/**
 * Renders the app's configuration files into a release that is made, 0600, with its environment and what is known of this machine. A
 * refusal names template, line and what is missing; then nothing was written. Fault RELEASE_RENDERED.
 */
export async function renderTemplates(
  staged: StagedRelease,
  {rules, plan, release, tell}: TemplatePlace,
): Promise<Refusal | undefined> {
  const entries = Object.entries(rules.templates);
  if (entries.length === 0) return undefined;
  const ports = Object.fromEntries(plan.instances.toReversed().map(({type, port}) => [type, port]));
  const view = {env: plan.env(release.dir), host: {name: hostname()}, release, ports};
  const files: Record<string, string> = {};
  try {
    for (const [path, source] of entries) {
      refuseAsset(path, rules.assets.folders);
      files[path] = await renderTemplate(await textOf(staged.dir, source), source, view);
    }
  } catch (error) {
    if (!(error instanceof TemplateProblem)) throw error;
    return {because: error.message, output: []};
  }
  await staged.writeRendered(files);
  tell({type: 'deploy:rendered', paths: Object.keys(files)});
  return undefined;
}

function refuseAsset(path: string, folders: readonly string[]): void {
  const folder = folders.find((one) => path.startsWith(`${one.replace(/\/+$/, '')}/`));
  if (folder !== undefined)
    throw new TemplateProblem(`${path} cannot be rendered: releases share the assets in ${folder}`);
}

/** Of a template of the app's own: no link is followed, since it might lead to what the app may not read. */
async function textOf(tree: string, source: string): Promise<string> {
  const parts = source.split('/');
  for (let depth = 1; depth <= parts.length; depth++) {
    const part = parts.slice(0, depth).join('/');
    const found = await lstat(join(tree, part)).catch(() => undefined);
    if (found === undefined) throw new TemplateProblem(`the template ${source} is not in the app`);
    if (found.isSymbolicLink()) throw new TemplateProblem(`the template ${source}: ${part} is a link`);
    if (depth < parts.length) continue;
    if (!found.isFile()) throw new TemplateProblem(`the template ${source} is no file`);
    if (found.size > MOST_BYTES)
      throw new TemplateProblem(`the template ${source} has more than ${MOST_BYTES} bytes`);
  }
  await using file = await open(join(tree, source), constants.O_RDONLY | constants.O_NOFOLLOW);
  return file.readFile('utf8');
}
