import type {StepOptions} from '@keelson/step';
import {SupervisorFault} from './fault.ts';
import type {Generation} from './generation.ts';
import {handOver} from './hand-over.ts';
import {SupervisedGeneration} from './supervised-generation.ts';
import {type WorkerOutput, workerOutput} from './worker-output.ts';
import {holdSocket, type HeldSocket} from './held-socket.ts';
import {socketFor} from './inherited-sockets.ts';
import type {SlotEvent} from './slot.ts';
import {openSocketDirectory, type SocketDirectory} from './socket-directory.ts';
import type {SupervisorStatus} from './status.ts';
import type {SuperviseOptions, Supervisor, SupervisorEvent, WorkerHooks} from './supervise.ts';
import {checkWorkload, planWorkers, takesTraffic} from './worker-plans.ts';
import type {Workload} from './workload.ts';

export class RunningSupervisor implements Supervisor {
  readonly finished: Promise<{readonly exitCode: number}>;
  readonly #options: SuperviseOptions;
  readonly #hooks: WorkerHooks;
  readonly #directory: SocketDirectory;
  readonly #output: WorkerOutput;
  readonly #sockets = new Map<number, HeldSocket>();
  readonly #generations = new Set<SupervisedGeneration>();
  /** Generations whose workers are being planned: their ports are needed already. */
  #starting = 0;
  #stopping: Promise<void> | undefined;
  #onFinished!: (result: {exitCode: number}) => void;
  #exitCode = 0;

  static async begin(options: SuperviseOptions, hooks: WorkerHooks): Promise<RunningSupervisor> {
    return new RunningSupervisor(options, hooks, await openSocketDirectory(options.runtimeDir));
  }

  constructor(options: SuperviseOptions, hooks: WorkerHooks, directory: SocketDirectory) {
    this.#options = options;
    this.#hooks = hooks;
    this.#directory = directory;
    this.#output = workerOutput(options.logs);
    this.finished = new Promise((resolve) => (this.#onFinished = resolve));
    options.signal?.addEventListener('abort', () => void this.stop(), {once: true});
  }

  start(workload: Workload, {signal}: StepOptions = {}): Promise<Generation> {
    return this.#with(workload, signal, async (generation) => {
      await generation.start(signal);
      // A stop that came in between did not know of it.
      if (this.#stopping) {
        await generation.stop();
        throw stopped();
      }
      return generation;
    });
  }

  replace(
    old: readonly Generation[],
    workload: Workload,
    {signal}: StepOptions = {},
  ): ReturnType<Supervisor['replace']> {
    const olds = old.filter((each) => each instanceof SupervisedGeneration);
    return this.#with(workload, signal, async (generation) => {
      try {
        const readiness = await handOver(generation, olds, signal);
        if (readiness.state === 'ready') for (const each of olds) void each.drain();
        else if (readiness.kept === undefined) return readiness;
        return {...readiness, generation};
      } catch (error) {
        await generation.stop();
        throw error;
      }
    });
  }

  /** Binds the ports of a workload, and makes a generation of it that runs nothing yet. */
  async #with<T>(
    workload: Workload,
    signal: AbortSignal | undefined,
    use: (generation: SupervisedGeneration) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    if (this.#stopping) throw stopped();
    checkWorkload(workload);
    this.#starting++;
    try {
      this.#hold(workload);
      const generation = await this.#plan(workload);
      this.#generations.add(generation);
      void generation.ended.then(() => this.#onEnded(generation));
      return await use(generation);
    } finally {
      this.#starting--;
      this.#releaseSockets();
    }
  }

  send(message: object, target?: string): number {
    let sent = 0;
    for (const generation of this.#generations) {
      if (generation.state !== 'draining' && generation.state !== 'stopped')
        sent += sendTo(generation, message, target);
    }
    return sent;
  }

  status(): SupervisorStatus {
    const generations = [...this.#generations].map((generation) => ({
      name: generation.name,
      state: generation.state,
      instances: generation.status(),
    }));
    return {kind: 'supervisor-status', generations};
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<void> {
    await Promise.all(
      [...this.#generations].map((generation) =>
        generation.state === 'open' || generation.state === 'draining'
          ? generation.drain()
          : generation.stop(),
      ),
    );
    await this.#directory[Symbol.asyncDispose]();
    this.#onFinished({exitCode: this.#exitCode});
  }

  /** All or none: a port in use must not leave the others bound. */
  #hold({instances, listener}: Workload): void {
    if (listener === 'cluster') return;
    const {host = '127.0.0.1', sockets = []} = this.#options;
    const taking = instances.filter(takesTraffic);
    for (const instance of taking) {
      const {port} = instance;
      if (this.#sockets.has(port)) continue;
      this.#sockets.set(port, socketFor(instance, sockets, taking.length) ?? holdSocket(host, port));
    }
  }

  async #plan(workload: Workload): Promise<SupervisedGeneration> {
    const {host = '127.0.0.1', graceMs = 30_000, readyTimeoutMs = 30_000, idleMs, hangMs} = this.#options;
    const hooks = this.#hooks;
    const generation = workload.name;
    const context = {
      socketOf: (port: number) => this.#sockets.get(port)!,
      host,
      newSocketPath: () => this.#directory.newPath(),
      graceMs,
      readyTimeoutMs,
      hangMs,
      beforeFork: (worker: string) => hooks.beforeFork?.({generation, worker}) ?? {},
    };
    const planned = await Promise.all(
      workload.instances.map(async (instance) => ({
        instance,
        plans: await planWorkers(workload, instance, context),
      })),
    );
    return new SupervisedGeneration(workload.name, planned, {
      // What RFC 6455 calls it: another generation takes over, or nobody does.
      budget: () => ({graceMs, idleMs, closeCode: this.#stopping ? 1001 : 1012}),
      message: (worker, message) => hooks.onMessage?.(message, {generation, worker}),
      attach: (tag, child) => this.#output.attach(tag, child),
      plansOf: (instance, workers) => planWorkers(workload, {...instance, workers}, context),
      tell: (tag, event) => this.#tell(workload.name, tag, event),
      leaving: () => this.#releaseSockets(),
      opened: () => this.#options.onEvent?.({type: 'supervisor:opened', generation: workload.name}),
    });
  }

  #onEnded(generation: SupervisedGeneration): void {
    this.#generations.delete(generation);
    this.#options.onEvent?.({type: 'supervisor:drained', generation: generation.name});
    this.#releaseSockets();
  }

  /**
   * Ports that no generation takes traffic on are for others to use. A draining one has stopped to accept: if we held
   * its port until it is gone, new connections would queue for nobody, and be reset in the end.
   */
  #releaseSockets(): void {
    if (this.#starting > 0) return;
    const taking = [...this.#generations].filter(({state}) => state !== 'draining' && state !== 'stopped');
    const needed = new Set(taking.flatMap(({ports}) => [...ports]));
    for (const [port, socket] of this.#sockets) {
      if (needed.has(port)) continue;
      socket.close();
      this.#sockets.delete(port);
    }
  }

  #tell(generation: string, worker: string, event: SlotEvent): void {
    const {type, ...data} = event;
    if (event.type === 'exited' && event.forced && this.#stopping) this.#exitCode = 1;
    this.#output.note(worker, event);
    const {output: _, forced: __, ...facts} = {output: undefined, forced: undefined, ...data};
    this.#options.onEvent?.({type: `supervisor:${type}`, generation, worker, ...facts} as SupervisorEvent);
  }
}

const stopped = (): SupervisorFault =>
  new SupervisorFault('SUPERVISOR_STOPPED', 'The supervisor was stopped');

function sendTo(generation: Generation, message: object, target: string | undefined): number {
  try {
    return generation.send(message, target);
  } catch {
    return 0; // SUPERVISOR_NO_TARGET
  }
}
