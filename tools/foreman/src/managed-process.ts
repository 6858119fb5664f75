import {setTimeout as delay} from 'node:timers/promises';

import type {AwaitReady} from './await-ready.ts';
import {endOf, type ProcessEnd} from './exit-reason.ts';
import type {ForemanEvent} from './foreman-event.ts';
import type {ProcessPlan} from './process-plan.ts';
import type {ProcessState, ProcessStatus} from './process-status.ts';
import {restartDelay, STEADY_MS} from './restart-delay.ts';
import type {Launcher, RunningProcess} from './running-process.ts';

/** What a process needs of the runner that it is one of. */
export interface ProcessHost {
  readonly launch: Launcher;
  readonly awaitReady: AwaitReady | undefined;
  readonly restartLimit: number;
  /** Resolves when the types are ready. */
  whenReady(types: readonly string[]): Promise<void>;
  /** Reads what it prints to its end. */
  attach(plan: ProcessPlan, running: RunningProcess): Promise<void>;
  tell(event: ForemanEvent): void;
  onReady(plan: ProcessPlan): void;
  onNotReady(plan: ProcessPlan, because: string): void;
  /** It has ended by itself and does not start again. */
  onEnded(plan: ProcessPlan, end: ProcessEnd): void;
  /** It cannot be run at all. */
  onFault(error: unknown): void;
}

const ALIVE: ReadonlySet<ProcessState> = new Set(['starting', 'running', 'stopping']);

/** One numbered process through all of its runs. */
export class ManagedProcess {
  readonly plan: ProcessPlan;
  readonly #host: ProcessHost;
  #state: ProcessState = 'stopped';
  /** The last run, whose group may outlive its leader. */
  #run: RunningProcess | undefined;
  /** What is to become of the process when this run is over. */
  #wish: 'stop' | 'restart' | undefined;
  /** Called when there is nothing to wait for any more. */
  #endWait = () => {};
  /** Until nothing starts it again. */
  #life: Promise<void> | undefined;
  /** Called when it was launched, or when it never will be. */
  #launched: (() => void)[] = [];
  readonly #reads = new Set<Promise<void>>();
  #starts = 0;
  #startedAt: number | undefined;
  #exitCode: number | undefined;

  constructor(plan: ProcessPlan, host: ProcessHost) {
    this.plan = plan;
    this.#host = host;
  }

  get status(): ProcessStatus {
    const {name, type, port} = this.plan;
    return {
      name,
      type,
      state: this.#state,
      pid: ALIVE.has(this.#state) ? this.#run?.pid : undefined,
      port,
      restarts: Math.max(0, this.#starts - 1),
      startedAt: this.#startedAt,
      exitCode: this.#exitCode,
    };
  }

  /** Resolves when it was launched, or when it never will be. */
  start(): Promise<void> {
    const launched = new Promise<void>((resolve) => this.#launched.push(resolve));
    this.#life ??= this.#live().then(
      () => this.#over(),
      (error: unknown) => {
        this.#state = 'exited';
        this.#over();
        this.#host.onFault(error);
      },
    );
    return launched;
  }

  /** Asks it to end, for good, and kills it after its grace. Resolves when nobody of its group runs. */
  async stop(): Promise<void> {
    this.#wish = 'stop';
    this.#endWait();
    await this.#endRun();
    await this.#life;
    if (this.#state !== 'exited') this.#state = 'stopped';
  }

  /** Resolves when it was launched again. */
  async restart(because: string): Promise<void> {
    this.#host.tell({type: 'foreman:restarted', name: this.plan.name, because});
    if (this.#wish === 'stop') await this.#life;
    if (this.#life === undefined) return this.start();
    if (this.#state === 'waiting') return;
    this.#wish = 'restart';
    this.#endWait();
    const launched = new Promise<void>((resolve) => this.#launched.push(resolve));
    await this.#endRun();
    await launched;
  }

  kill(signal: NodeJS.Signals): void {
    this.#run?.kill(signal);
  }

  /** Resolves when everything that it printed is written. */
  async drained(): Promise<void> {
    await Promise.all(this.#reads);
  }

  async #live(): Promise<void> {
    this.#wish = undefined;
    await this.#wait('waiting', this.#host.whenReady(this.plan.dependsOn));
    for (let failures = 0; !this.#stopping();) {
      this.#wish = undefined;
      const since = performance.now();
      const run = await this.#launch();
      const end = endOf(await run.exited);
      this.#exitCode = end.exitCode;
      this.#host.tell({type: 'foreman:exited', name: this.plan.name, ...end});
      if (this.#wish === undefined) {
        failures = performance.now() - since >= STEADY_MS ? 1 : failures + 1;
        if (!this.#startsAgain(end, failures)) {
          this.#state = 'exited';
          const {name, watch} = this.plan;
          if (watch.length > 0)
            this.#host.tell({type: 'foreman:noted', line: `${name} waits for the next change of its files`});
          return this.#host.onEnded(this.plan, end);
        }
        this.#state = 'backoff';
      }
      await run.stop({graceMs: this.plan.graceMs}); // what is left of its group, which may hold the port
      if (this.#wish === 'restart') failures = 0;
      else if (!this.#stopping()) await this.#backOff(restartDelay(failures));
    }
    this.#state = 'stopped';
  }

  // A method, for the compiler would take the field to be what it was before the last `await`.
  #stopping(): boolean {
    return this.#wish === 'stop';
  }

  #startsAgain({exitCode}: ProcessEnd, failures: number): boolean {
    const {restart} = this.plan;
    const wanted = restart === 'always' || (restart === 'on-failure' && exitCode !== 0);
    return wanted && failures <= this.#host.restartLimit;
  }

  async #launch(): Promise<RunningProcess> {
    const {name, port, ready} = this.plan;
    this.#state = 'starting';
    const run = await this.#host.launch(this.plan);
    this.#run = run;
    this.#starts++;
    this.#startedAt = Date.now();
    const readiness = ready === undefined ? undefined : this.#awaitReady(run);
    const read = this.#host.attach(this.plan, run);
    this.#reads.add(read);
    void read.then(() => this.#reads.delete(read));
    this.#host.tell({type: 'foreman:started', name, pid: run.pid, port});
    if (readiness === undefined) {
      this.#state = 'running';
      this.#host.onReady(this.plan);
    }
    if (this.#wish !== undefined) void this.#endRun(); // said while it was being launched
    this.#tellLaunched();
    return run;
  }

  /** Called in the tick of the launch, for a line is seen only by who listens already. */
  async #awaitReady(run: RunningProcess): Promise<void> {
    const ended = new AbortController();
    void run.exited.then(() => ended.abort());
    try {
      const readiness = await this.#host.awaitReady?.(this.plan, run, ended.signal);
      if (ended.signal.aborted || this.#run !== run) return;
      if (readiness?.ready === false) return this.#host.onNotReady(this.plan, readiness.because);
      if (this.#state === 'starting') this.#state = 'running';
      this.#host.tell({type: 'foreman:ready', name: this.plan.name});
      this.#host.onReady(this.plan);
    } catch (error) {
      if (!ended.signal.aborted) this.#host.onFault(error);
    }
  }

  async #endRun(): Promise<void> {
    if (this.#run === undefined) return;
    if (ALIVE.has(this.#state)) this.#state = 'stopping';
    await this.#run.stop({signal: this.plan.stopSignal, graceMs: this.plan.graceMs});
  }

  async #backOff(delayMs: number): Promise<void> {
    this.#host.tell({type: 'foreman:delayed', name: this.plan.name, delayMs});
    const over = new AbortController();
    await this.#wait(
      'backoff',
      delay(delayMs, undefined, {signal: over.signal}).catch(() => {}),
    );
    over.abort();
  }

  async #wait(state: ProcessState, until: Promise<unknown>): Promise<void> {
    this.#state = state;
    await Promise.race([until, new Promise<void>((resolve) => (this.#endWait = resolve))]);
    this.#endWait = () => {};
  }

  #over(): void {
    this.#life = undefined;
    this.#tellLaunched();
  }

  #tellLaunched(): void {
    for (const resolve of this.#launched.splice(0)) resolve();
  }
}
