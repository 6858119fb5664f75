import {EventEmitter} from 'node:events';
import type {StepOptions} from '@keelson/step';
import type {WorkerLines} from './control-protocol.ts';
import {SupervisorFault} from './fault.ts';
import type {Generation, WorkerReach} from './generation.ts';
import {restartSlots} from './restart-slots.ts';
import type {GenerationHost, PlannedInstance} from './generation-host.ts';
import {Slot, type SlotEvent, type SlotHost} from './slot.ts';
import type {GenerationState, InstanceStatus} from './status.ts';
import type {WorkerPlan} from './worker-plan.ts';
import {resizable, slotsOf} from './slots-of.ts';
import {linesOf, printedOf, reachesOf, statusOf} from './instance-status.ts';
import {type Crash, watchSlots} from './watch-slots.ts';
import type {Readiness, SupervisedInstance} from './workload.ts';

interface SlottedInstance {
  readonly instance: SupervisedInstance;
  slots: readonly Slot[];
}

export class SupervisedGeneration implements Generation {
  readonly name: string;
  readonly ports: ReadonlySet<number>;
  /** Resolves when the last process is gone. */
  readonly ended: Promise<void>;
  readonly #instances: readonly SlottedInstance[];
  /** Slots that a smaller size has left over, until they are empty. */
  readonly #leftOver = new Set<Slot>();
  /** How to start those again that another generation has taken over from. */
  readonly #retired = new Map<string, () => Promise<Readiness | undefined>>();
  readonly #crashes = new EventEmitter<{crash: [Crash]}>();
  readonly #host: GenerationHost;
  /** The latest end of a worker that nobody asked for. */
  crash: Crash | undefined;
  #state: GenerationState = 'starting';
  #ending: Promise<void> | undefined;
  #onEnded!: () => void;

  constructor(name: string, planned: readonly PlannedInstance[], host: GenerationHost) {
    this.name = name;
    this.#host = host;
    this.ports = new Set(
      planned.flatMap(({plans}) => plans.filter(({health}) => health).map(({port}) => port)),
    );
    this.ended = new Promise((resolve) => (this.#onEnded = resolve));
    this.#instances = planned.map(({instance, plans}) => ({
      instance,
      slots: plans.map((plan) => this.#slot(plan)),
    }));
  }

  get slots(): readonly Slot[] {
    return this.#instances.flatMap(({slots}) => slots);
  }

  #slot(plan: WorkerPlan): Slot {
    const tell: SlotHost['tell'] = (tag, event) => {
      this.#host.tell(tag, event);
      this.#note(tag, event);
    };
    return new Slot(plan, {...this.#host, tell});
  }

  get state(): GenerationState {
    return this.#state;
  }

  /** Starts every worker; when one cannot be started, none is left. */
  async start(signal: AbortSignal | undefined): Promise<void> {
    const started = await Promise.allSettled(this.slots.map((slot) => slot.start()));
    const failed = started.find((each) => each.status === 'rejected');
    if (!failed && !signal?.aborted) return;
    await this.stop();
    signal?.throwIfAborted();
    throw failed!.reason;
  }

  async ready({signal}: StepOptions = {}): Promise<Readiness> {
    // The first that is not ready ends the wait for the others.
    const others = new AbortController();
    const waiting = signal ? AbortSignal.any([signal, others.signal]) : others.signal;
    let failed: Readiness | undefined;
    const waits = await Promise.allSettled(
      this.slots.map(async (slot) => {
        const because = await slot.ready(waiting);
        if (because === undefined) return;
        failed ??= {state: 'not-ready', instance: slot.plan.tag, because, output: slot.worker?.output ?? []};
        others.abort();
      }),
    );
    signal?.throwIfAborted();
    if (failed) return failed;
    // Whatever kept a worker from being judged must not pass for a good answer.
    for (const wait of waits) if (wait.status === 'rejected') throw wait.reason;
    if (this.#ending) throw new SupervisorFault('SUPERVISOR_STOPPED', `Generation ${this.name} was stopped`);
    this.#state = 'ready';
    return {state: 'ready'};
  }

  async open(): Promise<void> {
    if (this.#ending) throw new SupervisorFault('SUPERVISOR_STOPPED', `Generation ${this.name} was stopped`);
    const results = await Promise.all(this.slots.map(async (slot) => ({slot, because: await slot.open()})));
    const failed = results.find(({because}) => because !== undefined);
    if (failed) {
      const {slot, because} = failed;
      throw new SupervisorFault('SUPERVISOR_NOT_OPENED', `${slot.plan.tag} of ${this.name} ${because}`, {
        hint: slot.worker?.output.join('\n') || undefined,
      });
    }
    this.serve();
  }

  /** A worker of it takes traffic. */
  serve(): void {
    if (this.#state !== 'starting' && this.#state !== 'ready') return;
    this.#state = 'open';
    this.#host.opened();
  }

  watch(ms: number, {signal}: StepOptions = {}): Promise<Readiness> {
    return watchSlots(this.slots, this.#crashes, {ms, signal});
  }

  restart(target?: string): Promise<Readiness> {
    return restartSlots(slotsOf(this.#instances, target), () => this.refuseWhenEnding());
  }

  async resize(target: string | undefined, workers: number): Promise<Readiness> {
    for (const each of resizable(this.#instances, target, workers)) {
      const plans = await this.#host.plansOf(each.instance, workers);
      for (const plan of plans.slice(each.slots.length)) {
        this.refuseWhenEnding();
        const because = await this.#addTo(each, plan);
        if (because !== undefined) return because;
      }
      const leaving = each.slots.slice(workers);
      each.slots = each.slots.slice(0, workers);
      await Promise.all(leaving.map((slot) => this.#leave(slot)));
    }
    return {state: 'ready'};
  }

  /** Another generation has taken over from one worker. Resolves when that is gone; at once when there is none of that name. */
  async retire(tag: string): Promise<void> {
    const each = this.#instances.find(({slots}) => slots.some(({plan}) => plan.tag === tag));
    const slot = each?.slots.find(({plan}) => plan.tag === tag);
    if (!each || !slot) return;
    each.slots = each.slots.filter((one) => one !== slot);
    this.#retired.set(tag, () => this.#addTo(each, slot.plan));
    await this.#leave(slot);
  }

  /** Starts one again that was retired. @returns whether it takes traffic */
  async refill(tag: string): Promise<boolean> {
    const again = this.#retired.get(tag);
    this.#retired.delete(tag);
    return again !== undefined && (await again().catch(() => false)) === undefined;
  }

  /** Ends all workers but these; with none of them it is at its end. */
  async keepOnly(tags: readonly string[]): Promise<void> {
    if (tags.length === 0) return this.stop();
    for (const each of this.#instances) {
      const leaving = each.slots.filter(({plan}) => !tags.includes(plan.tag));
      each.slots = each.slots.filter(({plan}) => tags.includes(plan.tag));
      await Promise.all(leaving.map((slot) => slot.stop()));
    }
  }

  async #leave(slot: Slot): Promise<void> {
    this.#leftOver.add(slot);
    await slot.drain();
    this.#leftOver.delete(slot);
  }

  /** @returns undefined when one more worker takes traffic */
  async #addTo(each: SlottedInstance, plan: WorkerPlan): Promise<Readiness | undefined> {
    const slot = this.#slot(plan);
    // In the list from its start, so that an end of the generation is its end, too.
    each.slots = [...each.slots, slot].sort((a, b) => a.plan.number - b.plan.number);
    try {
      await slot.start();
      const because = (await slot.ready(undefined)) ?? (await slot.open());
      if (because === undefined) return undefined;
      const output = slot.worker?.output ?? [];
      await slot.stop();
      each.slots = each.slots.filter((one) => one !== slot);
      return {state: 'not-ready', instance: plan.tag, because, output};
    } catch (error) {
      each.slots = each.slots.filter((one) => one !== slot);
      throw error;
    }
  }

  signal(name: NodeJS.Signals, target?: string): readonly number[] {
    return slotsOf(this.#instances, target).flatMap((slot) => slot.signal(name) ?? []);
  }

  send(message: object, target?: string): number {
    return slotsOf(this.#instances, target).filter((slot) => slot.post(message)).length;
  }

  lines = (target?: string): WorkerLines[] => linesOf(slotsOf(this.#instances, target));
  reach = (): WorkerReach[] => reachesOf(this.#instances);
  printed = (): Map<string, readonly string[]> => printedOf(this.#instances);

  ping(): void {
    for (const slot of this.slots) slot.ping();
  }

  leave(reply?: 503): void {
    for (const slot of this.slots) slot.leave(reply);
  }

  /** Faults: SUPERVISOR_STOPPED. */
  refuseWhenEnding(): void {
    if (this.#ending) throw new SupervisorFault('SUPERVISOR_STOPPED', `Generation ${this.name} was stopped`);
  }

  drain(): Promise<void> {
    return this.#end((slot) => slot.drain());
  }

  stop(): Promise<void> {
    return this.#end((slot) => slot.stop());
  }

  status = (): readonly InstanceStatus[] => statusOf(this.#instances);

  #end(leave: (slot: Slot) => Promise<void>): Promise<void> {
    // A stop during a drain ends it sooner; a drain during a stop changes nothing.
    const leaving = Promise.all([...this.slots, ...this.#leftOver].map(leave));
    if (this.#state !== 'stopped') this.#state = 'draining';
    this.#host.leaving();
    this.#ending ??= leaving.then(() => {
      this.#state = 'stopped';
      this.#onEnded();
    });
    return this.#ending;
  }

  #note(tag: string, event: SlotEvent): void {
    if (this.#ending || (event.type !== 'exited' && event.type !== 'not-ready')) return;
    if (event.type === 'exited' && event.planned) return;
    const {because, output} = event;
    this.crash = {instance: tag, because, output};
    this.#crashes.emit('crash', this.crash);
  }
}
