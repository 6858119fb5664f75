import {join} from 'node:path';
import {temporaryDirectory} from '@keelson/atomic-fs';
import {
  commitTree,
  fetchBranch,
  GitFault,
  initBare,
  pushCommit,
  pushPack,
  type PackedEvent,
} from '@keelson/git';
import type {GitDestination} from '../destination.ts';
import type {Parcel} from '../parcel/parcel.ts';
import type {Outcome} from '../publication.ts';
import type {PublishOptions} from '../publish.ts';
import {smartExchange} from './git/smart-exchange.ts';

interface Publishing {
  /** The archive's files. */
  readonly tree: string;
  /** A bare repository for this publication alone. */
  readonly gitDir: string;
  readonly message: string;
  readonly to: GitDestination;
}

/** Commits an archive's tree on top of the remote branch and pushes it; a branch that holds the same tree is left alone. */
export async function publishToGit(
  parcel: Parcel,
  to: GitDestination,
  options: PublishOptions,
): Promise<Outcome> {
  const {signal} = options;
  await using folder = await temporaryDirectory({prefix: 'keelson-publish-'});
  const tree = await parcel.tree({signal});
  const {name, version, digest} = parcel;
  const message = `${name} ${version}\n\nArchive: ${digest}\n`;
  const publishFrom = async (objectFormat: 'sha1' | 'sha256'): Promise<Outcome> => {
    const gitDir = join(folder.path, `${objectFormat}.git`);
    await initBare(gitDir, {signal, objectFormat});
    for (let tries = 1; ; tries++) {
      const outcome = await attempt({tree, gitDir, message, to}, options);
      if (!('overtaken' in outcome)) return outcome;
      // Somebody else published in between: once more, on top of theirs.
      if (tries === 2) throw outcome.overtaken;
    }
  };
  return await publishFrom('sha1').catch((error: unknown) => {
    if (error instanceof GitFault && error.code === 'GIT_OTHER_HASH') return publishFrom('sha256');
    throw error;
  });
}

async function attempt(
  {tree, gitDir, message, to}: Publishing,
  options: PublishOptions,
): Promise<Outcome | {readonly overtaken: GitFault}> {
  const {signal, onEvent, token, date, stallMs} = options;
  const credentials = token === undefined ? undefined : {password: token};
  const remote = {gitDir, url: to.url, branch: to.branch, credentials};
  const head = await fetchBranch(remote, {signal, stallMs});
  let pack: PackedEvent | undefined;
  const target = {gitDir, branch: to.branch, message, date};
  const {revision, changed} = await commitTree(tree, target, {signal, onEvent: (packed) => (pack = packed)});
  if (!changed && head !== undefined) return {revision, result: 'already-published', lines: []};
  onEvent?.({type: 'publisher:committed', revision});
  try {
    const telling = {
      signal,
      onEvent: ({line}: {readonly line: string}) => onEvent?.({type: 'publisher:remote', line}),
    };
    const streamed =
      pack !== undefined && /^https?:/i.test(to.url)
        ? await pushPack(
            {...to, revision, expected: head?.revision, pack},
            await smartExchange(to.url, options),
            telling,
          )
        : undefined;
    const {lines} =
      streamed ??
      (await pushCommit({...remote, revision, expected: head?.revision ?? ''}, {...telling, stallMs}));
    return {revision, result: 'published', lines};
  } catch (error) {
    if (!(error instanceof GitFault) || error.code !== 'GIT_REJECTED') throw error;
    // A receiver that was overtaken refuses in words; only its branch says for sure.
    const overtaken =
      error.stale || (await fetchBranch(remote, {signal, stallMs}))?.revision !== head?.revision;
    if (overtaken) return {overtaken: error};
    return {revision, result: 'refused', lines: error.lines.length > 0 ? error.lines : [error.message]};
  }
}
