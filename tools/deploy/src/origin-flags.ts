import {Flags, UsageError} from '@keelson/cli-kit';
import type {Origin} from './origin/origin.ts';

/** Where a deploy comes from, if it is no archive of this machine. */
export const originFlags = {
  tag: Flags.string({
    summary: 'Build and deploy the newest tag of --repo that matches.',
    helpValue: "'v1.*'",
  }),
  ref: Flags.string({summary: 'Build and deploy a branch, tag or commit of --repo.', helpValue: 'REF'}),
  package: Flags.string({
    summary: 'Deploy the newest package of --repo that matches.',
    helpValue: "'shop-1.*'",
  }),
  repo: Flags.string({
    summary: 'Git repository; for --package a folder, a page of links, or an npm registry.',
    helpValue: 'URL|DIR',
  }),
  pool: Flags.string({
    summary: 'With --package: a folder below --repo; of a registry a dist-tag.',
    helpValue: 'NAME',
  }),
  workspace: Flags.string({summary: 'Which package of a repository of several.', helpValue: 'NAME|PATH'}),
  build: Flags.boolean({summary: 'Run the action build for what was built already, too.'}),
  redeploy: Flags.boolean({summary: 'Also what is current already.'}),
  follow: Flags.boolean({
    summary:
      'Go on, and deploy what --tag, --ref or --package lead to each time that it is something else (default every 60 s).',
  }),
};

interface Given {
  readonly tag?: string | undefined;
  readonly ref?: string | undefined;
  readonly package?: string | undefined;
  readonly repo?: string | undefined;
  readonly pool?: string | undefined;
  readonly workspace?: string | undefined;
  readonly redeploy: boolean;
  readonly follow: boolean;
}

export type From =
  | {readonly kind: 'archive'; readonly archive: string}
  | {readonly kind: 'origin'; readonly origin: Origin; readonly everyMs: number | undefined};

const EVERY_SECONDS = 60;

/** What the words of `keelson deploy` say to deploy. Throws UsageError. */
export function fromFlags(word: string | undefined, flags: Given): From {
  const {tag, ref, package: pattern, repo, pool, follow} = flags;
  const ways = [tag, ref, pattern].filter((way) => way !== undefined);
  if (ways.length === 0) {
    if (word === undefined)
      throw new UsageError(
        'Missing 1 required arg: archive',
        'An archive, or --tag, --ref or --package with --repo.',
      );
    const more = Object.entries({repo, pool, workspace: flags.workspace, follow: follow || undefined}).find(
      ([, value]) => value !== undefined,
    );
    if (more !== undefined) throw new UsageError(`--${more[0]} goes with --tag, --ref or --package`);
    return {kind: 'archive', archive: word};
  }
  if (ways.length > 1) throw new UsageError('only one of --tag, --ref and --package');
  if (repo === undefined) throw new UsageError('--repo is missing', 'Where from: --repo URL|DIR');
  if (pool !== undefined && pattern === undefined) throw new UsageError('--pool goes with --package');
  if (pattern !== undefined && flags.workspace !== undefined)
    throw new UsageError('--workspace goes with --tag or --ref');
  const origin = originOf({tag, ref, pattern, pool, repo});
  return {kind: 'origin', origin, everyMs: follow ? 1000 * secondsOf(word) : nothingMore(word)};
}

function originOf({
  tag,
  ref,
  pattern,
  pool,
  repo,
}: Readonly<Record<string, string | undefined>> & {readonly repo: string}): Origin {
  if (tag !== undefined) return {kind: 'tag', pattern: tag, repo};
  return ref === undefined ? {kind: 'package', pattern: pattern!, pool, repo} : {kind: 'ref', ref, repo};
}

function secondsOf(word = String(EVERY_SECONDS)): number {
  if (/^\d{1,6}(\.\d+)?$/.test(word) && Number(word) > 0) return Number(word);
  throw new UsageError(`${JSON.stringify(word)} is no number of seconds`, 'For example --follow 30');
}

function nothingMore(word: string | undefined): undefined {
  if (word === undefined) return undefined;
  throw new UsageError(`an archive (${word}) as well as --tag, --ref or --package`, 'Name one of them.');
}
