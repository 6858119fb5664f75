import {readFile} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {parseEnv} from '@keelson/env';
import {readReleases} from '@keelson/releases';

const URL_KEY = 'KEELSON_CONFIG_URL';
const TOKEN_KEY = 'KEELSON_CONFIG_TOKEN_FILE';

export interface ConfigServer {
  readonly url: string;
  /** Read anew: it may have been replaced. Undefined: it needs none. */
  token(): Promise<string | undefined>;
}

/** The values of an app that asks its configuration server itself: where that is, and the file with the token. Nothing else. */
export function configServerValues(url: string, tokenFile: string | undefined): Record<string, string> {
  return {[URL_KEY]: url, ...(tokenFile !== undefined && {[TOKEN_KEY]: resolve(tokenFile)})};
}

/** The configuration server that the current release of a deploy root is bound to, if it is. */
export async function boundConfigServer(root: string): Promise<ConfigServer | undefined> {
  const {current} = await readReleases(root);
  if (current === undefined || current.config === 0) return undefined;
  const path = join(root, 'config', `${current.config}.env`);
  const {[URL_KEY]: url, [TOKEN_KEY]: file} = parseEnv(await readFile(path, 'utf8'), {path});
  if (url === undefined) return undefined;
  return {
    url,
    token: async () => (file === undefined ? undefined : (await readFile(file, 'utf8')).trim()),
  };
}
