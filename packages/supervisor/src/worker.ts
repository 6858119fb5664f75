import {EventEmitter, once} from 'node:events';
import {rm} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {type FromWorker, isGateMessage, type ServerProtocol, type ToWorker} from '@keelson/graceful';
import type {Child, Exit} from '@keelson/spawn';
import type {WorkerState} from './status.ts';
import {checkHealth} from './health-check.ts';
import {keepLastLines} from './last-lines.ts';
import {launchWorker} from './launch-worker.ts';
import {type Moment, thisMoment} from './moment.ts';
import {neverListened} from './never-listened.ts';
import {pauseUntil} from './pause-until.ts';
import type {WorkerBudget, WorkerPlan} from './worker-plan.ts';

/** A worker whose event loop hangs gets this much more than its grace, then SIGKILL. */
const KILL_AFTER_MS = 5000;
const OPEN_MS = 10_000;
const STOP_MS = 3000;
/** What counts as started for what cannot be asked: a process without a port, a server of an unknown protocol. */
const STEADY_START_MS = 1000;
const TRY_MS = 5000;

/** One process, from its start until it and its group are gone. */
export class Worker {
  readonly plan: WorkerPlan;
  readonly pid: number;
  readonly startedAt = performance.now();
  /** Resolves when the process has ended and the end of its output was read. */
  readonly exited: Promise<Exit>;
  readonly #child: Child;
  readonly #last = keepLastLines();
  readonly #messages = new EventEmitter();
  #told: (message: unknown) => void = () => {};
  #server: {readonly socket: string; readonly protocol: ServerProtocol; readonly since: number} | undefined;
  #elsewhere: number | undefined;
  #wasCut = false;
  #wasAsked = false;
  #answeredAt: number | undefined;
  #exit: Exit | undefined;
  #state: WorkerState = 'starting';
  #since = thisMoment();

  /** @param attach hands the output to the logs; resolves when it was read */
  static async start(plan: WorkerPlan, attach: (child: Child) => Promise<unknown>): Promise<Worker> {
    const {spec, socket} = plan.launch();
    const worker = new Worker(plan, await launchWorker(spec), attach);
    if (socket) void worker.exited.then(() => rm(socket, {force: true}));
    return worker;
  }

  constructor(plan: WorkerPlan, child: Child, attach: (child: Child) => Promise<unknown>) {
    this.plan = plan;
    this.pid = child.pid;
    this.#child = child;
    for (const pipe of [child.stdout, child.stderr]) this.#last.watch(pipe);
    const read = attach(child);
    child.onMessage((message) => {
      if (isGateMessage(message)) this.#receive(message as FromWorker);
      else this.#told(message);
    });
    this.exited = child.exited.then(async (exit) => {
      this.#exit = exit;
      this.#become('stopped');
      this.#messages.emit('exited');
      // What it started may still hold its output open.
      await Promise.race([read, sleep(500, undefined, {ref: false})]);
      return exit;
    });
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** When it got into its state. */
  get since(): Moment {
    return this.#since;
  }

  /** Where it answers privately, also before it takes traffic; undefined while it does not listen. */
  get socket(): string | undefined {
    return this.#server?.socket;
  }

  get output(): string[] {
    return this.#last.lines();
  }

  /** All of what it printed last that is kept. */
  get printed(): string[] {
    return this.#last.lines(Infinity);
  }

  get wasForced(): boolean {
    return this.#wasCut || this.#exit?.signal === 'SIGKILL';
  }

  /** We told it to end. */
  get wasAsked(): boolean {
    return this.#wasAsked;
  }

  /** Gets what the app sends. */
  onMessage(listener: (message: unknown) => void): void {
    this.#told = listener;
  }

  /** A message for the app. @returns false when it has no channel, or takes nothing more */
  post(message: object): boolean {
    return this.plan.health !== undefined && this.#exit === undefined && this.#child.send(message);
  }

  /** The answer, or that there is none, is seen in `heartbeatMs`. */
  ping(): void {
    if (!this.plan.health || this.#state !== 'open') return;
    this.#answeredAt ??= performance.now();
    this.#send({keelson: 'ping'});
  }

  /** It will be drained soon: its health path tells so. */
  leave(reply?: 503): void {
    if (this.plan.health) this.#send({keelson: 'leaving', reply});
  }

  /** Milliseconds since its event loop last answered; undefined before the first ping. */
  get heartbeatMs(): number | undefined {
    return this.#answeredAt === undefined ? undefined : Math.round(performance.now() - this.#answeredAt);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** How it ended, as the end of "web.1 …"; undefined while it runs. */
  get ending(): string | undefined {
    if (!this.#exit) return undefined;
    const {code, signal} = this.#exit;
    return signal ? `was ended by ${signal}` : `exited with code ${code}`;
  }

  /** @returns undefined when it is ready, else why not */
  async ready(signal: AbortSignal | undefined): Promise<string | undefined> {
    const because = await (this.plan.health
      ? this.#healthy(this.plan.health.timeoutMs, signal)
      : this.#steady(signal));
    if (because === undefined && this.#state === 'starting') this.#become('ready');
    return because;
  }

  /** One health check; undefined when it passes. */
  async check(timeoutMs: number): Promise<string | undefined> {
    const {health, port} = this.plan;
    if (this.ending !== undefined) return this.ending;
    if (!health) return undefined;
    if (!this.#server) return neverListened(this.plan.port, this.#elsewhere);
    return checkHealth({...this.#server, path: health.path, port}, timeoutMs);
  }

  /** Lets it take traffic. @returns undefined when it does, else why not */
  async open(): Promise<string | undefined> {
    if (this.ending !== undefined) return this.ending;
    if (this.plan.health) {
      const answer = once(this.#messages, 'answer', {signal: AbortSignal.timeout(OPEN_MS)});
      answer.catch(() => {});
      this.#send({keelson: 'open'});
      const [because] = await Promise.race([
        answer.catch(() => [`did not begin to accept within ${OPEN_MS / 1000} s`]),
        this.#child.exited.then(() => [this.ending]),
      ]);
      if (because !== undefined) return because;
    }
    this.#become('open');
    return undefined;
  }

  /** Lets it finish what it has begun. Resolves when the process and its group are gone and its output was read. */
  async drain({closeCode, graceMs: usual, idleMs}: WorkerBudget): Promise<void> {
    const graceMs = this.plan.graceMs ?? usual;
    this.#wasAsked = true;
    if (this.#state !== 'stopped') this.#become('draining');
    if (!this.plan.health) {
      await this.#child.stop({signal: this.plan.stopSignal, graceMs});
      await this.exited;
      return;
    }
    this.#send({keelson: 'drain', graceMs, idleMs, closeCode});
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs + KILL_AFTER_MS);
    await this.#child.exited;
    clearTimeout(timer);
    await this.#child.stop({graceMs: STOP_MS});
    await this.exited;
  }

  /** Ends it at once, as one that takes no traffic. */
  async stop(): Promise<void> {
    this.#wasAsked = true;
    const idleMs = this.#state === 'open' ? undefined : 0;
    if (this.#state !== 'stopped') this.#become('draining');
    // A worker with our preload holds the signal back and answers the message; everything else answers the signal.
    this.#send({keelson: 'drain', graceMs: STOP_MS, idleMs});
    await this.#child.stop({signal: 'SIGTERM', graceMs: STOP_MS + 1000});
    await this.exited;
  }

  async #healthy(timeoutMs: number, signal: AbortSignal | undefined): Promise<string | undefined> {
    const deadline = performance.now() + timeoutMs;
    let wrong: string | undefined;
    for (let pause = 50; ; pause = Math.min(250, pause * 1.5)) {
      signal?.throwIfAborted();
      if (this.ending !== undefined) return `${this.ending} before it was ready`;
      const left = deadline - performance.now();
      if (left <= 0)
        return `${wrong ?? neverListened(this.plan.port, this.#elsewhere)} (waited ${timeoutMs / 1000} s)`;
      if (this.#server) wrong = await this.check(Math.max(100, Math.min(TRY_MS, left)));
      if (this.#server && wrong === undefined && this.#isSteady(this.#server)) return undefined;
      await pauseUntil(this.#messages, pause, signal);
    }
  }

  /** Of an unknown protocol we only see that it listens: tools that look for a free port do that for a moment, too. */
  #isSteady({protocol, since}: {protocol: ServerProtocol; since: number}): boolean {
    return protocol !== 'other' || performance.now() - since >= STEADY_START_MS;
  }

  async #steady(signal: AbortSignal | undefined): Promise<string | undefined> {
    if (this.ending === undefined) await pauseUntil(this.#messages, STEADY_START_MS, signal);
    return this.ending && `${this.ending} within ${STEADY_START_MS / 1000} s of its start`;
  }

  #receive(message: FromWorker): void {
    if (message.keelson === 'listening') this.#server = {...message, since: performance.now()};
    if (message.keelson === 'closed' && this.#server?.socket === message.socket) this.#server = undefined;
    if (message.keelson === 'elsewhere') this.#elsewhere = message.port;
    if (message.keelson === 'drained') this.#wasCut = message.reports.some(({cut}) => cut > 0);
    if (message.keelson === 'pong') this.#answeredAt = performance.now();
    if (message.keelson === 'opened') this.#messages.emit('answer', undefined);
    if (message.keelson === 'refused')
      this.#messages.emit('answer', `cannot accept connections: ${message.because}`);
  }

  #send(message: ToWorker): void {
    this.#child.send(message);
  }

  #become(state: WorkerState): void {
    this.#state = state;
    this.#since = thisMoment();
  }
}
