import {existsSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {makeDirectory} from '@keelson/atomic-fs';
import {deploy, reconfigure, rollback, type Deployment} from '@keelson/deployer';
import {openApp} from '@keelson/preparer';
import {startReceiver} from '@keelson/receiver';
import type {StepOptions} from '@keelson/step';
import {acceptInto} from './accept-into.ts';
import {changeOf} from './config-edit.ts';
import {startControl} from './control-server.ts';
import {DeployServerFault} from './fault.ts';
import {followConfigServers, type ConfigServerEvent} from './follow-config-servers.ts';
import {hostApps} from './hosted-apps.ts';
import {lockServer} from './lock-server.ts';
import {pushToken} from './push-token.ts';
import {requireTemporary} from './require-temporary.ts';
import {reloadHosted, stopHosted} from './services/change-hosted.ts';

export type ServeEvent =
  | ConfigServerEvent
  | {readonly type: 'serve:listened'; readonly url: string}
  | {readonly type: 'serve:received'; readonly app: string; readonly digest: string | undefined}
  | {readonly type: 'serve:answered'; readonly app: string; readonly deployment: Deployment}
  | {readonly type: 'serve:resumed'; readonly app: string; readonly release: number}
  /** `nextAt`: when it is tried again, ISO 8601. */
  | {
      readonly type: 'serve:resume-failed';
      readonly app: string;
      readonly because: string;
      readonly nextAt: string | undefined;
    };

const CONFIG_EVERY_MS = 30_000;

/** What a deploy may do. */
export interface DeployPolicy {
  /** Run apps as root when the server is root. Default false: refused. */
  readonly allowRoot?: boolean | undefined;
  /** Milliseconds after the switch in which a failure of the new version switches back. */
  readonly bakeMs?: number | undefined;
  /** Releases kept for a rollback. */
  readonly keep?: number | undefined;
  /** Milliseconds between two questions to a configuration server. Default 30 000. */
  readonly configEveryMs?: number | undefined;
}

/** Where apps answer and what they inherit. */
export interface AppPlaces {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Base port of the first app. Default 5000. */
  readonly basePort?: number | undefined;
  /** Where an app's PATH, HOME, LANG, TZ and TMPDIR come from; nothing else of it is taken. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface ServeOptions extends StepOptions<ServeEvent> {
  /** Folder of every app's deploy root and of the server's own state. Made when missing. */
  readonly root: string;
  /** Where pushes arrive. Default 127.0.0.1 and a free port. */
  readonly listen?: {readonly host?: string | undefined; readonly port?: number | undefined} | undefined;
  readonly apps?: AppPlaces | undefined;
  readonly deploys?: DeployPolicy | undefined;
}

export interface DeployServer extends AsyncDisposable {
  readonly kind: 'deploy-server';
  readonly root: string;
  /** Base URL; an app is pushed to `<url>/<app>.git` with the token of `<root>/.keelson/token` as password. */
  readonly url: string;
}

/**
 * "git push and it runs", on one machine: receives archives over git, deploys each behind a health gate, and runs it.
 * Disposing it stops receiving, drains every app and leaves no process.
 * Faults: SERVE_ALREADY_RUNNING, SERVE_BAD_VALUE (the root is an app's, or nothing can be written to TMPDIR), SERVE_PATH_TOO_LONG, and those of the receiver.
 */
export async function serve(options: ServeOptions): Promise<DeployServer> {
  const root = resolve(options.root);
  const opened: AsyncDisposable[] = [];
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
  };
  try {
    if (existsSync(join(root, '.keelson/releases')))
      throw new DeployServerFault('SERVE_BAD_VALUE', `${root} is the deploy root of one app`, {
        hint: `A server has the folder of all its apps: --root ${dirname(root)}`,
      });
    await requireTemporary();
    await makeDirectory(join(root, '.keelson'), {mode: 0o700});
    opened.push(await lockServer(root));
    const apps = await hostApps({root, ...options.apps});
    opened.push(apps);
    await apps.resumeAll(options);
    const receiver = await startReceiver(acceptInto(apps, options), {
      root,
      tokens: await pushToken(root),
      listen: options.listen,
      packages: true,
    });
    opened.push(receiver);
    const {configEveryMs = CONFIG_EVERY_MS, ...deploys} = options.deploys ?? {};
    const tell = (event: ConfigServerEvent) => options.onEvent?.(event);
    const follower = followConfigServers(apps, {root, everyMs: configEveryMs, deploys, tell});
    opened.push(follower);
    const control = await startControl(root, {
      status: () => {
        const all = apps.status().map((app) => ({...app, configServer: follower.state(app.name)}));
        return {kind: 'server-status', root, url: receiver.url, apps: all};
      },
      rollback: async (name, to, step) => rollback(await apps.existing(name), {...deploys, ...step, ...to}),
      deploy: async (name, path, step) =>
        deploy(await openApp(path, {signal: step.signal}), await apps.open(name), {
          ...deploys,
          ...step,
        }),
      stop: async (name) => stopHosted(await apps.existing(name)),
      reload: async (name, target, step) =>
        reloadHosted(await apps.existing(name), target, {...deploys, ...step}),
      configure: async (name, edit, step) => {
        const app = await apps.existing(name);
        return reconfigure(changeOf(edit, app.root), app, {...deploys, ...step});
      },
    });
    opened.push(control);
    options.onEvent?.({type: 'serve:listened', url: receiver.url});
    return {kind: 'deploy-server', root, url: receiver.url, [Symbol.asyncDispose]: close};
  } catch (error) {
    await close();
    throw error;
  }
}
