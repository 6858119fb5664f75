import {setTimeout as sleep} from 'node:timers/promises';
import {isFault} from '@keelson/step';
import type {ForkedWorker, Plugin, PluginApi, PluginEnd, PluginHooks, PluginStatus} from './plugin.ts';
import type {Service} from './run-service.ts';
import {type ServiceHealth, serviceHealth} from './service-health.ts';
import {targetOf} from './slots-of.ts';
import type {SupervisorEvent} from './supervise.ts';

const ASK_MS = 500;
/** It waits 0.4 s for workers itself. */
const METRICS_MS = 2000;
const SHUTDOWN_MS = 5000;

type Hook = keyof PluginHooks;
type Listener = (...given: never[]) => unknown;

interface Loaded {
  readonly name: string;
  readonly listeners: readonly {readonly hook: Hook | 'message'; readonly call: Listener}[];
  failed: string | undefined;
  active: boolean;
}

/** Runs plugins beside a service. None of them can end it, or keep another one from being heard. */
export class PluginHost {
  readonly #note: (who: string, text: string) => void;
  readonly #plugins: Loaded[] = [];
  readonly #ends: {readonly loaded: Loaded; readonly end: PluginEnd}[] = [];
  #service: Service | undefined;
  #shutdown: Promise<unknown> | undefined;

  /** @param note gets what a plugin says, and what went wrong with it */
  constructor(note: (who: string, text: string) => void) {
    this.#note = note;
  }

  /** Resolves when all are set up. Rejects with a Fault of one, for that is a mistake of who started us. */
  async setup(plugins: readonly Plugin[], service: Service): Promise<void> {
    this.#service = service;
    for (const plugin of plugins) {
      const listeners: {hook: Hook | 'message'; call: Listener}[] = [];
      const loaded: Loaded = {name: plugin.name, listeners, failed: undefined, active: true};
      this.#plugins.push(loaded);
      try {
        const end = await plugin.setup(
          this.#api(plugin.name, (hook, call) => void listeners.push({hook, call})),
        );
        if (typeof end === 'function') this.#ends.push({loaded, end});
      } catch (error) {
        if (isFault(error)) throw error;
        loaded.active = false;
        this.#failed(loaded, 'setup', error);
      }
    }
  }

  /** Variables for a worker that is about to start. */
  beforeFork(fork: ForkedWorker): Record<string, string> {
    const answers = this.#callAll('beforeFork', fork).map(({answer}) => answer as Record<string, string>);
    return Object.assign({}, ...answers.filter((answer) => typeof answer === 'object')) as Record<
      string,
      string
    >;
  }

  event(event: SupervisorEvent): void {
    if (event.type === 'supervisor:ready') {
      const {generation, worker, pid} = event;
      this.#callAll('workerReady', {generation, worker, pid});
    }
    if (event.type === 'supervisor:exited') {
      const {generation, worker, because, planned} = event;
      this.#callAll('exit', {generation, worker, because, planned});
    }
  }

  message(message: unknown, from: ForkedWorker): void {
    for (const plugin of this.#plugins) this.#call(plugin, 'message', message, from);
  }

  async health(): Promise<ServiceHealth> {
    const notes = await this.#askAll('health');
    const wrong = notes.flatMap(({answer, plugin}) =>
      typeof answer === 'string' && answer !== '' ? [`${plugin}: ${answer}`] : [],
    );
    return serviceHealth(this.#service!.status(), wrong);
  }

  async metrics(): Promise<string> {
    const answers = await this.#askAll('metrics', METRICS_MS);
    return answers.flatMap(({answer}) => (typeof answer === 'string' ? [answer] : [])).join('');
  }

  /** The service has begun to end. */
  leave(): void {
    this.#shutdown ??= this.#askAll('shutdown', SHUTDOWN_MS);
  }

  /** All workers are gone. */
  async end(): Promise<void> {
    await this.#shutdown;
    for (const {end, loaded} of this.#ends.toReversed()) {
      try {
        await end();
      } catch (error) {
        this.#failed(loaded, 'its end', error);
      }
    }
  }

  list(): PluginStatus[] {
    return this.#plugins.map(({active, failed, name}) => ({
      name,
      state: active ? 'active' : 'failed',
      ...(failed !== undefined && {because: failed}),
    }));
  }

  #api(name: string, add: (hook: Hook | 'message', call: Listener) => void): PluginApi {
    const service = this.#service!;
    return {
      on: (hook, listener) => add(hook, listener as Listener),
      onMessage: (listener) => add('message', listener as Listener),
      send: (worker, message) => service.send(message, targetOf(worker)) > 0,
      broadcast: (message) => service.send(message),
      log: (text) => this.#note(name, text),
      status: () => service.status(),
      health: () => this.health(),
      metrics: () => this.metrics(),
    };
  }

  #callAll(hook: Hook, ...given: unknown[]): {readonly plugin: string; readonly answer: unknown}[] {
    return this.#plugins.flatMap((plugin) =>
      this.#call(plugin, hook, ...given).map((answer) => ({plugin: plugin.name, answer})),
    );
  }

  #call(plugin: Loaded, hook: Hook | 'message', ...given: unknown[]): unknown[] {
    if (!plugin.active) return [];
    return plugin.listeners.flatMap((listener) => {
      if (listener.hook !== hook) return [];
      try {
        const answer = listener.call(...(given as never[]));
        if (answer instanceof Promise) answer.catch((error) => this.#failed(plugin, hook, error));
        return [answer];
      } catch (error) {
        this.#failed(plugin, hook, error);
        return [];
      }
    });
  }

  /** What takes longer is missing from the answers. */
  async #askAll(hook: Hook, ms = ASK_MS): Promise<{readonly plugin: string; readonly answer: unknown}[]> {
    return Promise.all(
      this.#callAll(hook).map(async ({answer, plugin}) => ({
        plugin,
        answer: await this.#inTime(answer, ms, () =>
          this.#note(plugin, `gave no answer to ${hook} within ${ms} ms`),
        ),
      })),
    );
  }

  async #inTime(answer: unknown, ms: number, onLate: () => void): Promise<unknown> {
    if (!(answer instanceof Promise)) return answer;
    const over = new AbortController();
    const late = sleep(ms, undefined, {signal: over.signal}).then(onLate, () => undefined);
    try {
      return await Promise.race([answer.catch(() => undefined), late]);
    } finally {
      over.abort();
    }
  }

  #failed(plugin: Loaded, where: string, error: unknown): void {
    plugin.failed = `${where}: ${(error as Error | undefined)?.message ?? String(error)}`;
    this.#note(plugin.name, `the plugin failed in ${plugin.failed}`);
  }
}
