import type {WorkerLines} from './control-protocol.ts';
import {SupervisorFault} from './fault.ts';
import type {Generation} from './generation.ts';
import {isoTime} from './moment.ts';
import type {SupervisorStatus} from './status.ts';
import {sized} from './sized-workload.ts';
import {whatStays} from './what-stays.ts';
import {type SuperviseOptions, type Supervisor, type WorkerHooks, supervise} from './supervise.ts';
import type {Readiness, Workload} from './workload.ts';

/** Exit code of a service that gave up: EX_SOFTWARE of sysexits.h. */
const CRASH_LOOP_EXIT = 70;
const START_LIMIT = 10;
const HEARTBEAT_MS = 1000;

export interface ServiceOptions extends SuperviseOptions {
  /** When every worker has failed to start so many times in a row, the service ends with exit code 70. 0: never. Default 10. */
  readonly startLimit?: number | undefined;
  /** What counts as no sign of life: see `heartbeatLimitMs` of the status. Default 1000. */
  readonly heartbeatMs?: number | undefined;
  /** Called when `state` or `changing` of the status have changed. */
  readonly onChange?: (() => void) | undefined;
}

export type ServiceState = 'starting' | 'running' | 'leaving' | 'stopping';

/** What a service does now, as plain JSON. */
export interface ServiceStatus extends Omit<SupervisorStatus, 'kind'> {
  readonly kind: 'service-status';
  readonly pid: number;
  /** `leaving`: it still serves, and says that it is not ready, until its notice is over. */
  readonly state: ServiceState;
  /** When the supervisor began, ISO 8601. */
  readonly since: string;
  /** What is being changed. */
  readonly changing: 'roll' | 'restart' | 'resize' | undefined;
  /** A worker that has not answered for so long does not count as alive. */
  readonly heartbeatLimitMs: number;
  /** Rolls since the supervisor began. */
  readonly rolls: {readonly done: number; readonly refused: number};
  /** Workers that ended without being asked to, since the supervisor began. */
  readonly crashes: number;
}

/** One service that runs until it is stopped, and can be changed meanwhile. One change at a time; further ones wait. */
export interface Service {
  /**
   * Starts the first generation and lets it take traffic. Resolves as well when it is stopped meanwhile.
   * @throws SupervisorFault SUPERVISOR_NOT_READY and those of `Supervisor.start`; nothing is left running then
   */
  begin(): Promise<void>;
  /**
   * The next generation takes the place of the one before, worker by worker as `Supervisor.replace`; not-ready leaves that one.
   * Calls during a roll share one that follows it. Resolves when the old workers are gone.
   */
  roll(): Promise<Readiness>;
  /** As `Generation.restart`. */
  restart(target?: string): Promise<Readiness>;
  /** As `Generation.resize`; later generations have this size, too. */
  resize(target: string | undefined, workers: number): Promise<Readiness>;
  /** As `Generation.signal`. */
  signal(name: NodeJS.Signals, target?: string): readonly number[];
  /** As `Supervisor.send`. */
  send(message: object, target?: string): number;
  /** As `Generation.lines`. */
  lines(target?: string): readonly WorkerLines[];
  /** As `Generation.ping`. */
  ping(): void;
  /**
   * Says that it is not ready, serves on for `noticeMs` (or answers new requests with `reply`), and then stops; at once what does not
   * serve yet. Resolves when no process is left.
   */
  drain(noticeMs: number, reply?: 503): Promise<void>;
  /** Drains and ends. Resolves when no process is left. */
  stop(): Promise<void>;
  status(): ServiceStatus;
  /** 0, 1 when something was cut off, 70 when it gave up in a crash loop. */
  readonly finished: Promise<{readonly exitCode: number}>;
}

/**
 * A service that holds no port yet and runs nothing: `begin` it. An abort of `signal` drains and ends it.
 * @param plan asked for each generation, so that a roll sees a changed Procfile or environment
 */
export async function runService(
  plan: (name: string) => Promise<Workload>,
  options: ServiceOptions,
  hooks: WorkerHooks = {},
): Promise<Service> {
  const {signal, startLimit = START_LIMIT, heartbeatMs: heartbeatLimitMs = HEARTBEAT_MS} = options;
  const rolls = {done: 0, refused: 0};
  const since = isoTime(new Date());
  let crashes = 0;
  let gaveUp = false;
  const onEvent: typeof options.onEvent = (event) => {
    if (event.type === 'supervisor:exited' && !event.planned) crashes++;
    if (event.type === 'supervisor:delayed') giveUpInCrashLoop();
    options.onEvent?.(event);
  };
  const supervisor = await supervise({...options, onEvent}, hooks);
  const sizes = new Map<string | undefined, number>();
  let state: ServiceState = 'starting';
  const become = (next: ServiceState): void => {
    if (state === next) return;
    state = next;
    options.onChange?.();
  };
  let current: Generation | undefined;
  /** What serves beside it since a roll that was refused could not be taken back as a whole. */
  const strays: Generation[] = [];
  let count = 0;
  let changing: ServiceStatus['changing'];
  let changes: Promise<unknown> = Promise.resolve();
  let nextRoll: Promise<Readiness> | undefined;

  const serving = (): Generation => {
    if (current && state !== 'stopping') return current;
    const because = state === 'stopping' ? 'is ending' : 'has not begun to serve';
    throw new SupervisorFault('SUPERVISOR_STOPPED', `The service ${because}`);
  };
  const change = (what: ServiceStatus['changing'], how: () => Promise<Readiness>): Promise<Readiness> => {
    const done = changes.then(async () => {
      serving();
      changing = what;
      options.onChange?.();
      try {
        const readiness = await how();
        if (what === 'roll') rolls[readiness.state === 'ready' ? 'done' : 'refused']++;
        if (readiness.state === 'not-ready')
          options.logs?.note(
            'keelson',
            `${whatStays(readiness)}: ${readiness.instance} ${readiness.because}`,
          );
        return readiness;
      } finally {
        changing = undefined;
        options.onChange?.();
      }
    });
    changes = done.catch(() => {});
    return done;
  };
  const advance = async (): Promise<Readiness> => {
    const workload = sized(await plan(String(++count)), sizes);
    const old = [...(current ? [current] : []), ...strays];
    const {generation, ...readiness} =
      old.length > 0 ? await supervisor.replace(old, workload, {signal}) : await firstOf(workload);
    if (readiness.state === 'not-ready') {
      if (generation) strays.push(generation);
      return readiness;
    }
    current = generation;
    strays.length = 0;
    await Promise.all(old.map((each) => each.drain()));
    return readiness;
  };
  const firstOf: (workload: Workload) => ReturnType<Supervisor['replace']> = async (workload) => {
    const generation = await supervisor.start(workload, {signal});
    const readiness = await generation.ready({signal});
    if (readiness.state === 'not-ready') {
      await generation.stop();
      return readiness;
    }
    await generation.open();
    return {...readiness, generation};
  };
  const giveUpInCrashLoop = (): void => {
    const workers = (current?.status() ?? []).flatMap((instance) => instance.workers);
    if (startLimit === 0 || state === 'stopping' || !workers.every(({failures}) => failures >= startLimit))
      return;
    options.logs?.note('keelson', `every worker failed ${startLimit} times in a row: giving up`);
    gaveUp = true;
    void stop();
  };
  const stop = (): Promise<void> => {
    become('stopping');
    return supervisor.stop();
  };
  signal?.addEventListener('abort', () => void stop(), {once: true});

  return {
    async begin() {
      try {
        const readiness = await advance();
        if (readiness.state === 'not-ready') throw notReady(readiness);
        if (state === 'starting') become('running');
      } catch (error) {
        const wasStopped = state === 'stopping';
        await stop();
        if (!wasStopped) throw error;
      }
    },
    roll() {
      nextRoll ??= changes.then(() => {
        nextRoll = undefined;
        return change('roll', advance);
      });
      return nextRoll;
    },
    restart: (target) => change('restart', () => serving().restart(target)),
    resize: (target, workers) =>
      change('resize', async () => {
        const readiness = await serving().resize(target, workers);
        if (target === undefined) sizes.clear();
        if (readiness.state === 'ready') sizes.set(target, workers);
        return readiness;
      }),
    signal: (name, target) => serving().signal(name, target),
    lines: (target) => serving().lines(target),
    send: (message, target) => supervisor.send(message, target),
    ping() {
      for (const each of [current, ...strays]) each?.ping();
    },
    async drain(noticeMs, reply) {
      if (!current || state === 'stopping') return stop();
      become('leaving');
      for (const each of [current, ...strays]) each.leave(reply);
      const timer = setTimeout(() => void stop(), noticeMs);
      await supervisor.finished;
      clearTimeout(timer);
    },
    stop,
    status: () => ({
      ...supervisor.status(),
      kind: 'service-status',
      pid: process.pid,
      state,
      since,
      changing,
      heartbeatLimitMs,
      rolls: {...rolls},
      crashes,
    }),
    finished: supervisor.finished.then(({exitCode}) => ({exitCode: gaveUp ? CRASH_LOOP_EXIT : exitCode})),
  };
}

function notReady({instance, because, output}: Extract<Readiness, {state: 'not-ready'}>): SupervisorFault {
  return new SupervisorFault('SUPERVISOR_NOT_READY', `${instance} ${because}`, {
    hint: output.length > 0 ? `It printed last:\n${output.join('\n')}` : 'It printed nothing.',
  });
}
