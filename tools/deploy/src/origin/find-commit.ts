import {resolve} from 'node:path';
import {listRefs, withoutCredentials} from '@keelson/git';
import {parseSource} from '@keelson/source';
import type {StepOptions} from '@keelson/step';
import {DeployServerFault} from '../fault.ts';
import {newestOf} from './newest-of.ts';
import type {Found, Origin} from './origin.ts';

const HASH = /^[0-9a-f]{7,64}$/;

/** The commit that the newest matching tag, or the ref, names now. Faults: SERVE_NOTHING_FOUND, SOURCE_UNKNOWN, GIT_*. */
export async function findCommit(
  origin: Exclude<Origin, {kind: 'package'}>,
  {signal}: StepOptions = {},
): Promise<Extract<Found, {kind: 'commit'}>> {
  const url = repositoryUrl(origin.repo);
  const refs = await listRefs(url, {signal});
  const shown = withoutCredentials(url);
  if (origin.kind === 'tag') {
    const tags = refs.flatMap(({name}) =>
      name.startsWith('refs/tags/') ? [name.slice('refs/tags/'.length)] : [],
    );
    const name = newestOf(tags, origin.pattern);
    const ref = `refs/tags/${name}`;
    const revision = refs.find((one) => one.name === ref)?.revision;
    if (name === undefined || revision === undefined)
      throw nothing(
        `no tag of ${shown} matches ${origin.pattern}`,
        `Newest of its ${tags.length} tags: ${newestOf(tags) ?? 'there is none'}.`,
      );
    return {kind: 'commit', name, url, revision, ref};
  }
  const {ref: wanted} = origin;
  for (const ref of [wanted, `refs/heads/${wanted}`, `refs/tags/${wanted}`]) {
    const revision = refs.find((one) => one.name === ref)?.revision;
    if (revision !== undefined) return {kind: 'commit', name: wanted, url, revision, ref};
  }
  if (HASH.test(wanted)) return {kind: 'commit', name: wanted, url, revision: wanted, ref: wanted};
  const branches = refs.flatMap(({name}) =>
    name.startsWith('refs/heads/') ? [name.slice('refs/heads/'.length)] : [],
  );
  throw nothing(
    `${shown} has no branch and no tag ${JSON.stringify(wanted)}`,
    `Its branches: ${branches.slice(0, 10).join(', ') || 'none'}.`,
  );
}

/** A repository as a person writes it, for git: a folder, any URL, `git@host:path`, `github:owner/name`. */
function repositoryUrl(repo: string): string {
  const source = parseSource(/^https?:\/\//i.test(repo) ? `git+${repo}` : repo);
  if (source.kind === 'directory') return resolve(source.path);
  if (source.kind === 'git' && source.ref === undefined && source.range === undefined) return source.url;
  throw new DeployServerFault(
    'SERVE_BAD_VALUE',
    `--repo ${JSON.stringify(withoutCredentials(repo))} is no git repository`,
    {hint: 'A folder or a URL; what to take from it say --tag and --ref.'},
  );
}

function nothing(what: string, hint: string): DeployServerFault {
  return new DeployServerFault('SERVE_NOTHING_FOUND', what, {hint});
}
