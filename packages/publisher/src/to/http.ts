import {inFolder, type HttpDestination} from '../destination.ts';
import type {Parcel} from '../parcel/parcel.ts';
import type {Outcome} from '../publication.ts';
import type {PublishOptions} from '../publish.ts';
import {authorizationFor} from '@keelson/source';
import {withoutCredentials} from '@keelson/git';
import {deployByChecksum} from './http/deploy-by-checksum.ts';
import {look} from './http/look.ts';
import {putFile} from './http/put-file.ts';
import type {Upload} from './http/upload.ts';

/**
 * Brings the file to a store or a receiver: not at all where it is already, by its checksum alone where the store knows the bytes
 * (Artifactory), from where an earlier try broke off where the receiver tells, and else by one PUT.
 */
export async function publishToHttp(
  parcel: Parcel,
  to: HttpDestination,
  options: PublishOptions,
): Promise<Outcome> {
  const {signal, token} = options;
  const file = await parcel.file({signal});
  const url = new URL(to.url);
  url.pathname = inFolder(url.pathname, encodeURIComponent(file.name));
  const {name, version, digest} = parcel;
  const upload: Upload = {
    file,
    url,
    name,
    version,
    digest,
    where: withoutCredentials(url.href),
    authorization: await authorizationFor(url, token),
  };
  const revision = file.fileDigest;
  const there = await look(upload, options);
  const at = {to: {kind: 'http', url: url.href}} as const;
  if (there.same) return {...at, revision, result: 'already-published', lines: []};
  if (there.takesChecksums && (await deployByChecksum(upload, options)))
    return {...at, revision, result: 'published', lines: []};
  const {revision: told, ...outcome} = await putFile(upload, there, options);
  return {...at, ...outcome, revision: told || revision};
}
