import {tmpdir} from 'node:os';
import type {Writable} from 'node:stream';
import {createTagger} from '@keelson/log-tagger';
import {type HereOptions, hereWorkload} from './here-workload.ts';
import {runService, type Service} from './run-service.ts';
import type {SuperviseOptions} from './supervise.ts';

export interface RunHereOptions extends Pick<SuperviseOptions, 'signal' | 'onEvent' | 'host' | 'graceMs'> {
  /** Gets the tagged lines of all workers. */
  readonly sink: Writable;
  readonly color?: boolean | undefined;
}

/** Runs what the working directory or the command says, until `signal` is aborted and the last worker has ended. */
export async function runHere(what: HereOptions, options: RunHereOptions): Promise<Service> {
  const {sink, color, ...supervise} = options;
  const logs = createTagger({sink, timestamps: 'none', color});
  const end = (): Promise<void> => logs.close().catch(() => {}); // nobody reads us any more
  try {
    const plan = (name: string) => hereWorkload(name, process.cwd(), {...what, signal: options.signal});
    const service = await runService(plan, {...supervise, runtimeDir: tmpdir(), logs});
    return {
      async roll() {
        const readiness = await service.roll();
        if (readiness.state === 'not-ready') {
          logs.note('keelson', `the old workers stay: ${readiness.instance} ${readiness.because}`);
        }
        return readiness;
      },
      finished: service.finished.then(async (result) => {
        await end();
        return result;
      }),
    };
  } catch (error) {
    await end();
    throw error;
  }
}
