import {execFile} from 'node:child_process';
import type {Service, ServiceStatus} from './run-service.ts';
import {serviceHealth} from './service-health.ts';

const LONGEST_NOTIFY_MS = 5000;

/** What a service manager gave to us alone: not for the workers. */
export const OF_SERVICE_MANAGER = [
  'LISTEN_PID',
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'NOTIFY_SOCKET',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
] as const;

/** Tells systemd how the service does: sd_notify(3). */
export interface ServiceManager {
  /** Call it when the status has changed. */
  changed(): void;
  /** Resolves when what was told has been sent. */
  close(): Promise<void>;
}

/**
 * READY=1 when the first generation serves, RELOADING=1 and READY=1 around a roll, STOPPING=1, STATUS=, and WATCHDOG=1 while a worker
 * answers. Node has no datagrams on unix sockets, so the `systemd-notify` program sends them: NotifyAccess=all. Undefined without NOTIFY_SOCKET.
 * @param complain is told once, when it cannot be sent
 */
export function serviceManager(
  service: Service,
  env: Readonly<Record<string, string | undefined>>,
  complain: (text: string) => void,
): ServiceManager | undefined {
  if (!env['NOTIFY_SOCKET']) return undefined;
  let sending: Promise<void> = Promise.resolve();
  let complained = false;
  let ready = false;
  let stopping = false;
  let reloading = false;

  const send = (...lines: readonly string[]): void => {
    sending = sending.then(
      () =>
        new Promise((resolve) => {
          const args = [`--pid=${process.pid}`, ...lines];
          const options = {env: {...env} as NodeJS.ProcessEnv, timeout: LONGEST_NOTIFY_MS};
          execFile('systemd-notify', args, options, (error) => {
            if (error && !complained) complain(`cannot notify the service manager: ${error.message.trim()}`);
            complained ||= error !== null;
            resolve();
          });
        }),
    );
  };
  const changed = (): void => {
    const status = service.status();
    if (stopping) return;
    if (status.state === 'leaving' || status.state === 'stopping') {
      stopping = true;
      send('STOPPING=1', 'STATUS=shutting down');
    } else if (status.changing === 'roll') {
      reloading = true;
      // systemd asks for the time in Type=notify-reload: process.hrtime is CLOCK_MONOTONIC.
      send(
        'RELOADING=1',
        `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`,
        'STATUS=replacing every worker',
      );
    } else if (status.state === 'running') {
      send(...(ready && !reloading ? [] : ['READY=1']), `STATUS=${summary(status)}`);
      ready = true;
      reloading = false;
    }
  };
  const watchdogMs = Number(env['WATCHDOG_USEC'] ?? 0) / 1000;
  const isOurs = env['WATCHDOG_PID'] === undefined || Number(env['WATCHDOG_PID']) === process.pid;
  const timer =
    watchdogMs > 0 && isOurs
      ? setInterval(() => {
          service.ping();
          if (serviceHealth(service.status()).live || stopping) send('WATCHDOG=1');
        }, watchdogMs / 2)
      : undefined;
  return {
    changed,
    async close() {
      clearInterval(timer);
      await sending;
    },
  };
}

function summary({generations}: ServiceStatus): string {
  const workers = generations.flatMap(({instances}) => instances.flatMap((instance) => instance.workers));
  return `${workers.filter(({state}) => state === 'open').length}/${workers.length} workers`;
}
