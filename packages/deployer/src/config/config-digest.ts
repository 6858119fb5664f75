import {createHash} from 'node:crypto';
import {DeployFault} from '../fault.ts';
import {fromHttp} from './from-http.ts';
import type {ReadConfigOptions} from './read-config.ts';

export interface ConfigDigest {
  readonly kind: 'config-digest';
  /** Without credentials. */
  readonly reader: string;
  /** sha-256 of the answer, in hex. */
  readonly digest: string;
}

/**
 * What a configuration server answers now, as a digest; whatever form it has is a matter of the app that asks it. Fault DEPLOY_CONFIG
 * (temporary when it could not be reached).
 */
export async function configDigest(url: string, options: ReadConfigOptions = {}): Promise<ConfigDigest> {
  options.signal?.throwIfAborted();
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new DeployFault('DEPLOY_CONFIG', 'a configuration server has an http(s) URL', {
      hint: 'Such as https://config.example.org/shop',
    });
  const {text, reader} = await fromHttp(url, options);
  return {kind: 'config-digest', reader, digest: createHash('sha256').update(text).digest('hex')};
}
