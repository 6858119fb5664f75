import {SupervisorFault} from './fault.ts';
import type {Generation} from './generation.ts';
import {type SuperviseOptions, supervise} from './supervise.ts';
import type {Readiness, Workload} from './workload.ts';

/** One service that runs until it is stopped, and can be replaced by its next generation meanwhile. */
export interface Service {
  /**
   * Starts the next generation, lets it take traffic when it is ready, and drains the one before; not-ready leaves that
   * one as it is. Calls during a roll share one that follows it.
   */
  roll(): Promise<Readiness>;
  readonly finished: Promise<{readonly exitCode: number}>;
}

/**
 * Runs a workload: start, gate, open. `signal` drains and ends it.
 * @param plan asked for each generation, so that a roll sees a changed Procfile or environment
 * @throws SupervisorFault SUPERVISOR_NOT_READY and those of `Supervisor.start`; nothing is left running then
 */
export async function runService(
  plan: (name: string) => Promise<Workload>,
  options: SuperviseOptions,
): Promise<Service> {
  const {signal} = options;
  const supervisor = await supervise(options);
  let current: Generation | undefined;
  let count = 0;
  let running: Promise<Readiness> = Promise.resolve({state: 'ready'});
  let next: Promise<Readiness> | undefined;

  const advance = async (): Promise<Readiness> => {
    const generation = await supervisor.start(await plan(String(++count)), {signal});
    const readiness = await generation.ready({signal});
    if (readiness.state === 'not-ready') {
      await generation.stop();
      return readiness;
    }
    await generation.open();
    const old = current;
    current = generation;
    await old?.drain();
    return readiness;
  };

  try {
    const readiness = await advance();
    if (readiness.state === 'not-ready') {
      const {instance, because, output} = readiness;
      throw new SupervisorFault('SUPERVISOR_NOT_READY', `${instance} ${because}`, {
        hint: output.length > 0 ? `It printed last:\n${output.join('\n')}` : 'It printed nothing.',
      });
    }
  } catch (error) {
    await supervisor.stop();
    throw error;
  }

  return {
    roll() {
      next ??= running.then(async () => {
        running = next!;
        next = undefined;
        return advance();
      });
      return next;
    },
    finished: supervisor.finished,
  };
}
