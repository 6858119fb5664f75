import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {configDigest, type DeployOptions} from '@keelson/deployer';
import {boundConfigServer} from './bound-config-server.ts';
import type {HostedApp} from './hosted-app.ts';
import type {HostedApps} from './hosted-apps.ts';
import {reloadHosted} from './services/change-hosted.ts';

/** Of an app that asks a configuration server for its values itself. */
export interface ConfigServerState {
  /** Without credentials. */
  readonly reader: string;
  /** Why it cannot be asked, and when it is asked again, ISO 8601; undefined: it answers. */
  readonly because?: string | undefined;
  readonly nextAt?: string | undefined;
}

export type ConfigServerEvent =
  | {
      readonly type: 'serve:config-rolled';
      readonly app: string;
      readonly release: number;
      readonly because: string | undefined;
    }
  /** Once, until it answers again. */
  | {readonly type: 'serve:config-unreachable'; readonly app: string; readonly because: string}
  | {readonly type: 'serve:config-reached'; readonly app: string};

export interface FollowConfigOptions {
  readonly root: string;
  readonly everyMs: number;
  readonly deploys: DeployOptions;
  readonly tell: (event: ConfigServerEvent) => void;
}

export interface ConfigFollower extends AsyncDisposable {
  state(app: string): ConfigServerState | undefined;
}

interface Known extends ConfigServerState {
  readonly url: string;
  /** Of the answer that its processes started with, or have refused to. */
  readonly digest?: string | undefined;
  readonly failures: number;
}

const LONGEST_PAUSE_MS = 600_000;

/**
 * Asks the configuration server of every app that runs, again and again, and replaces the processes of one, one after another behind the
 * gate, when the answer is another. Those that do not start with it leave the ones before in service; the same answer is not tried again.
 * A server that cannot be asked is asked after growing pauses, ten minutes at most.
 */
export function followConfigServers(apps: HostedApps, options: FollowConfigOptions): ConfigFollower {
  const {everyMs} = options;
  const closed = new AbortController();
  const {signal} = closed;
  const known = new Map<string, Known>();

  const look = async (app: string): Promise<void> => {
    const next = await ask(app, known.get(app), {...options, apps, signal});
    if (next === undefined) known.delete(app);
    else known.set(app, next);
  };
  const goOn = async (): Promise<void> => {
    while (!signal.aborted) {
      const running = apps.status().filter(({supervisor}) => supervisor.generations.length > 0);
      await Promise.all(running.map(({name}) => look(name)));
      await delay(everyMs, undefined, {signal}).catch(() => undefined);
    }
  };
  const over = goOn();
  return {
    state(app) {
      const state = known.get(app);
      return state && {reader: state.reader, because: state.because, nextAt: state.nextAt};
    },
    async [Symbol.asyncDispose]() {
      closed.abort(new Error('the server ends'));
      await over;
    },
  };
}

interface Asking extends FollowConfigOptions {
  readonly apps: HostedApps;
  readonly signal: AbortSignal;
}

/** What is known of an app's configuration server now; undefined: it has none. */
async function ask(
  app: string,
  before: Known | undefined,
  {apps, root, everyMs, deploys, tell, signal}: Asking,
): Promise<Known | undefined> {
  let known = before;
  try {
    const bound = await boundConfigServer(join(root, app));
    if (bound === undefined) return undefined;
    if (known?.url !== bound.url) known = {url: bound.url, reader: readerOf(bound.url), failures: 0};
    if (known.nextAt !== undefined && Date.parse(known.nextAt) > Date.now()) return known;
    const {digest, reader} = await configDigest(bound.url, {token: await bound.token(), signal});
    if (known.failures > 0) tell({type: 'serve:config-reached', app});
    if (known.digest !== undefined && known.digest !== digest)
      await roll(await apps.existing(app), {deploys, tell});
    return {url: bound.url, reader, digest, failures: 0};
  } catch (error) {
    if (signal.aborted || known === undefined) return known;
    const failures = known.failures + 1;
    const because = (error as Error).message;
    if (failures === 1) tell({type: 'serve:config-unreachable', app, because});
    const pauseMs = Math.min(LONGEST_PAUSE_MS, everyMs * 2 ** Math.min(failures - 1, 10));
    return {...known, failures, because, nextAt: new Date(Date.now() + pauseMs).toISOString()};
  }
}

/** What was stopped meanwhile stays so: it asks when it is started. */
async function roll(
  app: HostedApp,
  {deploys, tell}: Pick<FollowConfigOptions, 'deploys' | 'tell'>,
): Promise<void> {
  const running = app.runtime.running();
  if (running === undefined) return;
  const about = {type: 'serve:config-rolled', app: app.name, release: Number(running.name)} as const;
  try {
    tell({...about, because: (await reloadHosted(app, undefined, deploys)).because});
  } catch (error) {
    tell({...about, because: (error as Error).message});
  }
}

function readerOf(url: string): string {
  if (!URL.canParse(url)) return 'what is no URL';
  const {origin, pathname} = new URL(url);
  return `${origin}${pathname}`;
}
