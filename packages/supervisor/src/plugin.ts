import type {ServiceHealth} from './service-health.ts';
import type {ServiceStatus} from './run-service.ts';

/** What a supervisor is extended with: the default export of a module that `--plugin` names. */
export interface Plugin {
  /** Shown in the log and by `keelson ctl plugins`. */
  readonly name: string;
  /**
   * Called once, before the first worker is started. What it throws is logged, and the service runs without the plugin.
   * What it returns is called when the last worker is gone.
   */
  setup(api: PluginApi): PluginEnd | void | Promise<PluginEnd | void>;
}

export type PluginEnd = () => void | PromiseLike<void>;

export interface ForkedWorker {
  readonly generation: string;
  /** `web.1`, or `web.1/2` for the second worker of an instance. */
  readonly worker: string;
}

/** What a plugin can listen to. What a listener throws is logged under its plugin's name and changes nothing else. */
export interface PluginHooks {
  /** Returns variables for the environment of a worker that is about to start. */
  readonly beforeFork: (fork: ForkedWorker) => Readonly<Record<string, string>> | void;
  readonly workerReady: (ready: ForkedWorker & {readonly pid: number}) => void;
  /** `planned`: it was asked to end. */
  readonly exit: (ended: ForkedWorker & {readonly because: string; readonly planned: boolean}) => void;
  /** A check of its own for /health and /readyz: what is wrong, or undefined. It gets half a second. */
  readonly health: () => string | undefined | Promise<string | undefined>;
  /** Metrics of its own as Prometheus text. It gets two seconds. */
  readonly metrics: () => string | Promise<string>;
  /** The service has begun to end, its workers still serve. The supervisor waits for it, five seconds at most, before it ends itself. */
  readonly shutdown: () => void | Promise<void>;
}

export interface PluginApi {
  on<H extends keyof PluginHooks>(hook: H, listener: PluginHooks[H]): void;
  /** To a worker with a port, as `process.on('message')` gets it. False: there is none of that name, or it cannot be reached. */
  send(worker: string, message: object): boolean;
  /** To all workers with a port. Returns how many. */
  broadcast(message: object): number;
  /** What workers send by `process.send`. */
  onMessage(listener: (message: unknown, from: ForkedWorker) => void): void;
  /** A line in the log of the service, under the plugin's name. */
  log(text: string): void;
  status(): ServiceStatus;
  /** As /health says it, with the checks of all plugins. */
  health(): Promise<ServiceHealth>;
  /** Prometheus text of all plugins. */
  metrics(): Promise<string>;
}

export interface PluginStatus {
  readonly name: string;
  readonly state: 'active' | 'failed';
  /** What went wrong last. */
  readonly because?: string | undefined;
}
