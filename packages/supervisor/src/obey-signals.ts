import {closeSync, openSync} from 'node:fs';
import type {Service} from './run-service.ts';

/** What SIGUSR2 does: `pass` gives it to the workers. */
export type Usr2 = 'roll' | 'restart' | 'reopen' | 'pass';

/**
 * HUP and USR2 roll, USR1 opens the log files again, TTIN and TTOU change the number of workers of each instance by one, as in nginx and gunicorn; HUP of a
 * terminal that is gone stops. What is refused is in the log.
 * @returns puts the signals back
 */
export function obeySignals(
  service: Service,
  {reopen, onUsr2 = 'roll'}: {readonly reopen: () => void; readonly onUsr2?: Usr2 | undefined},
): () => void {
  const hadTerminal = hasTerminal();
  const roll = (): void => void service.roll().catch(() => {});
  const resize = resizer(service);
  const usr2: Readonly<Record<Usr2, () => void>> = {
    roll,
    restart: () => void service.restart().catch(() => {}),
    reopen,
    pass: () => {
      try {
        service.signal('SIGUSR2');
      } catch {
        // nobody is there yet, or any more
      }
    },
  };
  const listeners: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ['SIGHUP', () => (hadTerminal && !hasTerminal() ? void service.stop() : roll())],
    ['SIGUSR1', reopen],
    ['SIGUSR2', usr2[onUsr2]],
    ['SIGTTIN', () => resize(1)],
    ['SIGTTOU', () => resize(-1)],
  ];
  for (const [name, listener] of listeners) process.on(name, listener);
  return () => {
    for (const [name, listener] of listeners) process.off(name, listener);
  };
}

/** Signals that come while the number is being changed add up. */
function resizer(service: Service): (by: number) => void {
  let wanted = 0;
  let running = false;
  return (by) => {
    wanted += by;
    if (running) return;
    running = true;
    void (async () => {
      while (wanted !== 0) {
        const now = wanted;
        wanted = 0;
        await changeSizes(service, now).catch(() => {});
      }
      running = false;
    })();
  };
}

async function changeSizes(service: Service, by: number): Promise<void> {
  const open = service.status().generations.findLast(({state}) => state === 'open');
  for (const {name, type, workers} of open?.instances ?? []) {
    if (type === 'web') await service.resize(name, Math.max(1, workers.length + by));
  }
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false; // ENXIO: none; EIO: it hung up
  }
}
