import type {IncomingMessage, OutgoingHttpHeaders} from 'node:http';
import {connectionFailure, request, type HttpCall} from '@keelson/source';
import {PublisherFault} from '../../fault.ts';
import type {ParcelFile} from '../../parcel/parcel.ts';
import {patienceOf} from '../../patience.ts';
import type {PublishOptions} from '../../publish.ts';

/** A file on its way to a URL. */
export interface Upload {
  readonly file: ParcelFile;
  readonly url: URL;
  /** The URL as it may be printed. */
  readonly where: string;
  readonly authorization: string | undefined;
  readonly name: string;
  readonly version: string;
  readonly digest: string;
}

/** One request of an upload. Faults: PUBLISHER_UNREACHABLE, PUBLISHER_AUTH. */
export async function ask(
  {url, where, authorization}: Upload,
  call: Omit<HttpCall, 'url'> & {readonly headers: OutgoingHttpHeaders},
  options: Pick<PublishOptions, 'signal' | 'stallMs'>,
): Promise<IncomingMessage> {
  const headers = {
    'User-Agent': 'keelson',
    ...(authorization && {Authorization: authorization}),
    ...call.headers,
  };
  const response = await request({...call, ...patienceOf(options), url, headers}, options).catch(
    (error: unknown) => {
      throw unreachable(where, error) ?? error;
    },
  );
  const {statusCode = 0} = response;
  if (statusCode !== 401) return response;
  response.destroy();
  throw new PublisherFault('PUBLISHER_AUTH', `${where} asks for credentials, or refuses ours (401)`, {
    hint: 'Give a token (--token-file, KEELSON_TOKEN), or put user and password into ~/.netrc.',
  });
}

/** The fault of a connection that failed; undefined when the error is of another kind. */
export function unreachable(where: string, error: unknown): PublisherFault | undefined {
  const failure = connectionFailure(error);
  if (failure === undefined) return undefined;
  const {because, temporary} = failure;
  return new PublisherFault('PUBLISHER_UNREACHABLE', `cannot publish to ${where}: ${because}`, {
    temporary,
    cause: error,
  });
}

/** The checksum of the whole file in the words that stores and receivers understand (RFC 9530; Artifactory, Nexus). */
export function checksumHeaders({file: {fileDigest}, digest, name, version}: Upload): OutgoingHttpHeaders {
  const hex = fileDigest.slice('sha256-'.length);
  return {
    'Repr-Digest': `sha-256=:${Buffer.from(hex, 'hex').toString('base64')}:`,
    'X-Checksum-Sha256': hex,
    'Keelson-Upload': fileDigest,
    'Keelson-Digest': digest,
    'Keelson-Name': encodeURIComponent(name),
    'Keelson-Version': encodeURIComponent(version),
  };
}
