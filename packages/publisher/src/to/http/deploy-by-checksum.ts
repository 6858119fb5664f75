import type {PublishOptions} from '../../publish.ts';
import {ask, checksumHeaders, type Upload} from './upload.ts';

/**
 * Artifactory's "Deploy Artifact by Checksum": the store links bytes that it has under another name. Only for a store that says
 * that it is one: any other would take the request for an empty file.
 */
export async function deployByChecksum(upload: Upload, options: PublishOptions): Promise<boolean> {
  const headers = {...checksumHeaders(upload), 'X-Checksum-Deploy': 'true', 'Content-Length': 0};
  const response = await ask(upload, {method: 'PUT', headers}, options);
  response.destroy();
  return response.statusCode === 200 || response.statusCode === 201;
}
