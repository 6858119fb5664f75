import {EventEmitter} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import type {StepOptions} from '@keelson/step';
import {failingCheck} from './failing-check.ts';
import {SupervisorFault} from './fault.ts';
import type {Generation} from './generation.ts';
import {Slot, type SlotEvent, type SlotHost} from './slot.ts';
import type {GenerationState, InstanceStatus} from './status.ts';
import type {WorkerPlan} from './worker-plan.ts';
import {resizable, slotsOf} from './slots-of.ts';
import type {Readiness, SupervisedInstance} from './workload.ts';

export interface PlannedInstance {
  readonly instance: SupervisedInstance;
  readonly plans: readonly WorkerPlan[];
}

export interface GenerationHost extends SlotHost {
  /** What an instance with so many workers would run. */
  plansOf(instance: SupervisedInstance, workers: number): Promise<readonly WorkerPlan[]>;
  opened(): void;
  /** It takes no more traffic. */
  leaving(): void;
}

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
  readonly #crashes = new EventEmitter<{crash: [tag: string, because: string, output: readonly string[]]}>();
  readonly #host: GenerationHost;
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

  get #slots(): readonly Slot[] {
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
    const started = await Promise.allSettled(this.#slots.map((slot) => slot.start()));
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
      this.#slots.map(async (slot) => {
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
    const results = await Promise.all(this.#slots.map(async (slot) => ({slot, because: await slot.open()})));
    const failed = results.find(({because}) => because !== undefined);
    if (failed) {
      const {slot, because} = failed;
      throw new SupervisorFault('SUPERVISOR_NOT_OPENED', `${slot.plan.tag} of ${this.name} ${because}`, {
        hint: slot.worker?.output.join('\n') || undefined,
      });
    }
    this.#state = 'open';
    this.#host.opened();
  }

  async watch(ms: number, {signal}: StepOptions = {}): Promise<Readiness> {
    signal?.throwIfAborted();
    const over = new AbortController();
    const until = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
    let onCrash!: (instance: string, because: string, output: readonly string[]) => void;
    const crash = new Promise<Readiness>((resolve) => {
      onCrash = (instance, because, output) => resolve({state: 'not-ready', instance, because, output});
    });
    this.#crashes.on('crash', onCrash);
    const time = sleep(ms, undefined, {signal: until}).then((): Readiness => ({state: 'ready'}));
    const checks = this.#slots.map((slot) => failingCheck(slot, until));
    try {
      return await Promise.race([time, crash, ...checks]);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      over.abort();
      this.#crashes.off('crash', onCrash);
      for (const each of [time, ...checks]) each.catch(() => {});
    }
  }

  async restart(target?: string): Promise<Readiness> {
    const old: Promise<void>[] = [];
    let because: string | undefined;
    let failed: Slot | undefined;
    for (const slot of slotsOf(this.#instances, target)) {
      this.#refuseWhenEnding();
      const renewed = await slot.renew();
      if (renewed.because === undefined) old.push(renewed.drained);
      else ({because} = renewed);
      if (because !== undefined) {
        failed = slot;
        break;
      }
    }
    await Promise.all(old);
    if (because === undefined || !failed) return {state: 'ready'};
    return {state: 'not-ready', instance: failed.plan.tag, because, output: failed.lastOutput};
  }

  async resize(target: string | undefined, workers: number): Promise<Readiness> {
    for (const each of resizable(this.#instances, target, workers)) {
      const plans = await this.#host.plansOf(each.instance, workers);
      for (const plan of plans.slice(each.slots.length)) {
        this.#refuseWhenEnding();
        const because = await this.#addTo(each, plan);
        if (because !== undefined) return because;
      }
      const leaving = each.slots.slice(workers);
      each.slots = each.slots.slice(0, workers);
      for (const slot of leaving) this.#leftOver.add(slot);
      await Promise.all(leaving.map((slot) => slot.drain().then(() => this.#leftOver.delete(slot))));
    }
    return {state: 'ready'};
  }

  /** @returns undefined when one more worker takes traffic */
  async #addTo(each: SlottedInstance, plan: WorkerPlan): Promise<Readiness | undefined> {
    const slot = this.#slot(plan);
    // In the list from its start, so that an end of the generation is its end, too.
    each.slots = [...each.slots, slot];
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

  ping(): void {
    for (const slot of this.#slots) slot.ping();
  }

  leave(): void {
    for (const slot of this.#slots) slot.leave();
  }

  #refuseWhenEnding(): void {
    if (this.#ending) throw new SupervisorFault('SUPERVISOR_STOPPED', `Generation ${this.name} was stopped`);
  }

  drain(): Promise<void> {
    return this.#end((slot) => slot.drain());
  }

  stop(): Promise<void> {
    return this.#end((slot) => slot.stop());
  }

  status(): readonly InstanceStatus[] {
    return this.#instances.map(({instance: {name, type, port}, slots}) => ({
      name,
      type,
      port,
      workers: slots.map((slot) => slot.status()),
    }));
  }

  #end(leave: (slot: Slot) => Promise<void>): Promise<void> {
    // A stop during a drain ends it sooner; a drain during a stop changes nothing.
    const leaving = Promise.all([...this.#slots, ...this.#leftOver].map(leave));
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
    this.#crashes.emit('crash', tag, event.because, event.output);
  }
}
