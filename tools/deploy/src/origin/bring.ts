import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {basename, join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {withoutCredentials} from '@keelson/git';
import {openApp} from '@keelson/preparer';
import {download} from '@keelson/source';
import {isFault, type StepOptions} from '@keelson/step';
import {buildPushed} from '../build-pushed.ts';
import {DeployServerFault} from '../fault.ts';
import type {Found} from './origin.ts';
import {cachedCommit} from './vcs-cache.ts';

export interface BringOptions extends Pick<StepOptions, 'signal'> {
  /** The state folder of the deploy root: what is kept for the next time. */
  readonly state: string;
  /** Gone after the deploy. */
  readonly folder: string;
  /** The package of a repository of several. */
  readonly workspace?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly onLine: (line: string) => void;
}

export interface Brought {
  readonly app: Awaited<ReturnType<typeof openApp>>;
  /** What it is, where only its bytes tell. */
  readonly identity?: string | undefined;
}

/**
 * What was found, as something to deploy: a commit is built, a package is taken as it is. Faults: SERVE_INTEGRITY, those of the builder, of
 * downloads and of openApp.
 */
export async function bring(found: Found, options: BringOptions): Promise<Brought> {
  const {signal, state, folder, onLine, workspace} = options;
  if (found.kind === 'commit') {
    const {source, revision} = await cachedCommit(found, join(state, 'vcs'), options);
    onLine(`${found.name} of ${withoutCredentials(found.url)} is ${revision}`);
    const out = join(folder, 'app.tar');
    const build = {path: source, workspace, out, cache: join(state, 'build-cache')};
    return {app: await buildPushed(build, {signal, onLine})};
  }
  onLine(`newest package: ${found.name}`);
  if ('path' in found.at) {
    const {path} = found.at;
    return {app: await openApp(path, {signal}), identity: `${found.name} ${await sha512(path)}`};
  }
  const {url} = found.at;
  const to = join(folder, basename(new URL(url).pathname) || 'app.tgz');
  await download({kind: 'http', url}, to, {signal});
  if (found.integrity !== undefined) await requireIntegrity(to, found.integrity, found.name);
  else await alsoSignature(url, to, signal);
  return {app: await openApp(to, {signal}), identity: `${found.name} ${await sha512(to)}`};
}

/** https://www.w3.org/TR/SRI/ : of several hashes the strongest counts. Fault SERVE_INTEGRITY. */
export async function requireIntegrity(path: string, integrity: string, what: string): Promise<void> {
  const wanted = integrity.split(/\s+/).filter((one) => one.startsWith('sha512-'));
  if (wanted.length === 0)
    throw new DeployServerFault('SERVE_INTEGRITY', `the registry has no sha512 of ${what}, but ${integrity}`);
  const digest = await sha512(path);
  if (wanted.some((one) => one.split('?')[0] === digest)) return;
  throw new DeployServerFault(
    'SERVE_INTEGRITY',
    `what was downloaded as ${what} has ${digest}, and not the registry's ${wanted[0]}`,
    {hint: 'Somebody changed it on the way, or the registry is broken: nothing of it was used.'},
  );
}

async function sha512(path: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(path), hash);
  return `sha512-${hash.digest('base64')}`;
}

/** An index may hold `PACKAGE.sig` beside it, for deployments that take signed archives alone. */
async function alsoSignature(url: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  const at = new URL(url);
  at.pathname += '.sig';
  try {
    await download({kind: 'http', url: at.href}, `${to}.sig`, {signal, tries: 1});
  } catch (error) {
    signal?.throwIfAborted();
    if (!isFault(error)) throw error;
  }
}
