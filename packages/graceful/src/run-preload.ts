import {fstatSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {isMainThread} from 'node:worker_threads';
import type {DrainOptions} from './drain.ts';
import {takeGateSettings} from './gate-environment.ts';
import {type FromWorker, isGateMessage, isOurs, type ToWorker} from './gate-message.ts';
import {watchServers} from './held-port.ts';
import {watchForHangs} from './watch-for-hangs.ts';
import {
  deliverSignal,
  type EndingSignal,
  holdEndingSignals,
  interceptProcessEvents,
  isEndingSignal,
} from './process-events.ts';

/** What an app without signal handlers gets to end by itself after a drain (`beforeExit`), before `process.exit`. */
const NATURAL_EXIT_MS = 200;
const GRACE_MS = 30_000;
const LINGER_MS = 500;
/** When the supervisor was killed, its guard kills the process group three seconds later. */
const ORPHAN_GRACE_MS = 2500;

/** What the preload does, before the app's first line. */
export function runPreload(): void {
  // Threads of the app load the preload too, for they inherit NODE_OPTIONS.
  if (!isMainThread) return;
  const settings = takeGateSettings(process.env);
  const tell = (message: FromWorker): void => void process.send?.(message, undefined, undefined, () => {});
  const servers = watchServers(
    settings,
    settings ? tell : () => {},
    settings?.fd === undefined ? undefined : whyNotInherited(settings.fd),
  );
  const clustered = settings !== undefined && settings.fd === undefined;
  const supervised = settings !== undefined && process.send !== undefined;
  let ending: EndingSignal | undefined;
  let released = false;

  const end = async (
    name: EndingSignal,
    budget: DrainOptions & {readonly graceMs: number},
  ): Promise<void> => {
    if (ending) return;
    ending = name;
    const deadline = performance.now() + budget.graceMs;
    setTimeout(() => process.exit(1), budget.graceMs + 500).unref();
    const reports = await servers.drain(budget);
    // Connections that the primary has handed over meanwhile go back to it: it gives them to another worker.
    if (clustered) await sleep(LINGER_MS);
    if (supervised) tell({keelson: 'drained', reports});
    if (reports.some(({cut}) => cut > 0)) process.exitCode = 1;
    released = true;
    // An app that listens to the signal ends itself, after its own cleaning up; else its event loop may run dry.
    const heard = deliverSignal(name);
    // A program without servers dies of the signal, as it would without us.
    if (!heard && !supervised && reports.length === 0) process.kill(process.pid, name);
    const rest = heard ? deadline - performance.now() : NATURAL_EXIT_MS;
    setTimeout(() => process.exit(), Math.max(0, rest)).unref();
  };

  interceptProcessEvents((event, value) => {
    if (isEndingSignal(event) && !released) {
      // The supervisor decides; a terminal or `kill` reaches workers only by mistake.
      if (supervised) return true;
      if (ending) process.exit(event === 'SIGINT' ? 130 : 143);
      void end(event, budgetOf(process.env));
      return true;
    }
    if (event !== 'message' || !supervised || !isOurs(value)) return false;
    if (!isGateMessage(value)) return true;
    const message = value as ToWorker;
    if (message.keelson === 'drain') void end('SIGTERM', message);
    if (message.keelson === 'leaving') servers.leave(message.reply);
    if (message.keelson === 'ping') tell({keelson: 'pong'});
    if (message.keelson === 'open') {
      servers.open().then(
        () => tell({keelson: 'opened'}),
        (error: Error) => tell({keelson: 'refused', because: error.message}),
      );
    }
    return true;
  });
  // After the line above: a signal's first listener fixes the `emit` that all get it through.
  holdEndingSignals();

  // Else it would exit at once, in the middle of its requests, when its primary is gone.
  if (clustered) Object.assign(clusterWorker()!, {exitedAfterDisconnect: true});
  if (settings?.hangMs) watchForHangs(settings.hangMs);
  if (supervised) {
    // Without a listener Node would keep messages for a later one.
    process.on('message', () => {});
    process.on('disconnect', () => {
      const graceMs = Math.min(settings.graceMs, ORPHAN_GRACE_MS);
      void end('SIGTERM', {graceMs, idleMs: graceMs / 2, upgradedMs: graceMs / 2});
    });
    // Our channel must not keep an app alive that has come to its end.
    process.channel?.unref();
  }
}

/** `cluster.worker`, without loading the module in every other worker. */
function clusterWorker(): object | undefined {
  return (process.getBuiltinModule('node:cluster') as {readonly worker?: object}).worker;
}

function whyNotInherited(fd: number): string | undefined {
  try {
    // Not as plain numbers: Node's realpath looks at those of the latest stat, takes the path for a socket, and leaves links
    // in it unresolved; then no app that pnpm installed finds its dependencies.
    if (fstatSync(fd, {bigint: true}).isSocket()) return undefined;
  } catch {
    // EBADF: told below
  }
  return `Keelson holds it, but what started this process did not pass descriptor ${fd} on; start node itself`;
}

function budgetOf(env: NodeJS.ProcessEnv): DrainOptions & {readonly graceMs: number} {
  const number = (name: string): number | undefined =>
    /^\d+$/.test(env[name] ?? '') ? Number(env[name]) : undefined;
  return {graceMs: number('KEELSON_GRACE_MS') ?? GRACE_MS, idleMs: number('KEELSON_IDLE_MS')};
}
