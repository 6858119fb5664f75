/** What a supervisor has to stand, what is expected of it then, and the test that shows it: a file, and a part of its title. */
export interface FaultRow {
  readonly fault: string;
  readonly expected: string;
  readonly shown: readonly (readonly [file: string, title: string])[];
  /** What happens instead, as long as the expectation does not hold. */
  readonly open?: string;
}

const RESTARTS = 'supervisor/test/restarts.itest.ts';
const HAND_OVER = 'supervisor/test/hand-over.itest.ts';
const FAULTS = 'supervisor/test/faults.itest.ts';
const LONG = 'supervisor/test/faults.soak.ts';
const SURROUNDINGS = 'supervisor/test/faults-surroundings.itest.ts';
const CRASH_LOOP = 'supervisor/test/crash-loop.itest.ts';
const CONTROL = 'supervisor/test/control.itest.ts';
const HEALTH = 'supervisor/test/health.itest.ts';
const MANAGER = 'supervisor/test/service-manager.itest.ts';
const ROLLS = 'supervisor/test/rolls.itest.ts';
const DRAIN = 'graceful/test/drain.test.ts';
const PRELOAD = 'graceful/test/preload.itest.ts';
const TAGGER = 'log-tagger/test/tagger.test.ts';

const row = (fault: string, expected: string, ...shown: FaultRow['shown']): FaultRow => ({
  fault,
  expected,
  shown,
});

/** By number. */
export const FAULT_TABLE: Readonly<Record<number, FaultRow>> = {
  1: row(
    'kill -9 of one worker under load',
    'only what it was answering is lost, none refused, it is replaced',
    [RESTARTS, 'kill -9 of one of two under load'],
  ),
  2: row('kill -9 of all workers, five times', 'none refused, none hangs', [
    RESTARTS,
    'kill -9 of all workers, five times',
  ]),
  3: row('SIGSTOP of a worker, 8 connections, SIGKILL', '8 of 8 answered', [
    RESTARTS,
    'a connection that a stopped and then killed worker never took',
  ]),
  4: row(
    'kill -9 of the supervisor; idle, busy, hung workers',
    'what is in flight is answered, all workers gone',
    [CRASH_LOOP, 'requests in flight are answered; nothing is left'],
    [LONG, '4: '],
    [PRELOAD, 'a supervisor that is gone: the worker drains and leaves'],
  ),
  5: row(
    'kill -9 of the supervisor with grandchildren',
    'gone with their group; those of another session stay (README)',
    [RESTARTS, 'kill -9: no worker and nothing that it started is left'],
  ),
  6: row('supervisor started while the old one drains', 'it gets the port', [FAULTS, '6: ']),
  7: row(
    'crash at boot, again and again',
    'delays grow, it gives up with exit code 70',
    [CRASH_LOOP, 'each restart waits longer'],
    [HAND_OVER, 'crashes at boot'],
  ),
  8: row(
    'crash after less and after more than ten seconds',
    'the first counts as failure, the second starts the count again',
    [LONG, '8: '],
  ),
  9: row('exit 0 of a worker, unasked', 'a crash like any other, with its reason', [FAULTS, '9: ']),
  10: row('a worker ignores its drain', 'SIGKILL after its grace, told as forced', [
    HAND_OVER,
    'a worker that does not drain in time is killed',
  ]),
  11: row('the event loop hangs', 'its stack is in the log, killed, replaced, others serve', [
    HEALTH,
    'a worker that hangs prints its stack',
  ]),
  12: row(
    'a new worker is never ready',
    'the roll is refused, the old ones serve',
    [CONTROL, 'a roll that is refused'],
    [HAND_OVER, 'gets no request, and the old one serves on'],
  ),
  13: row('a new worker crashes once it takes traffic', 'not ready, with the reason', [
    HAND_OVER,
    'bake: a version that falls ill or crashes',
  ]),
  14: row(
    'two rolls at once, a roll while it crashes',
    'one after the other, rolls that wait are one, the count is right',
    [CONTROL, 'changes at once: rolls are coalesced'],
    [CONTROL, 'a worker that crashes while it is being replaced'],
  ),
  15: row(
    'rolls under busy, thinking, new-connection load',
    'none lost',
    [ROLLS, 'a roll of two workers'],
    ['supervisor/test/rolls.soak.ts', 'rolling restarts of plain http'],
  ),
  16: row(
    'slow transfers, SSE, WebSocket, HTTP/2 during a roll',
    'transfers complete; streams end whole, sockets with 1001, HTTP/2 with GOAWAY',
    [ROLLS, 'a roll of two workers'],
    [DRAIN, 'WebSocket: after upgradedMs'],
    [DRAIN, 'is ended as a whole message'],
    [DRAIN, 'http2: a request that crosses the GOAWAY'],
  ),
  17: row('half a request head during a drain', 'closed, does not hold the drain', [
    DRAIN,
    'half a request head does not hold the drain',
  ]),
  18: row('keepAliveTimeout 65 s or 0', 'ten seconds at most', [
    'graceful/test/drain.soak.ts',
    'keepAliveTimeout',
  ]),
  19: row('the app ends itself at SIGTERM', 'only after its last answer', [
    PRELOAD,
    'the app gets SIGTERM when its last request is answered',
  ]),
  20: row('stdout is closed', 'a notice on stderr, workers run', [SURROUNDINGS, '20: ']),
  21: row('disk full', 'workers unaffected, one notice, the log goes on when there is room', [
    FAULTS,
    '21: ',
  ]),
  22: row('log renamed, SIGUSR1, under load', 'no line lost, doubled or torn', [FAULTS, '22: ']),
  23: row('nobody reads the log', 'bounded memory in worker and supervisor, nothing lost', [FAULTS, '23: ']),
  24: row('binary, NUL, 64 KiB lines, CRLF, split UTF-8', 'byte for byte behind the tag', [
    TAGGER,
    'without the tags it is the input, byte for byte',
  ]),
  25: row('half a line, then a crash', 'in the log before the note of the end', [
    'supervisor/test/last-lines.itest.ts',
    'before the note of the end',
  ]),
  26: row('four processes with many lines', 'complete, in order, none torn', [
    'log-tagger/test/keelson-tag.itest.ts',
    'four processes at once',
  ]),
  27: row('no descriptor left (EMFILE)', 'told, tried again, works once there are some', [FAULTS, '27: ']),
  28: row(
    'port in use, or taken meanwhile',
    'a fault that says so, nothing started',
    [HAND_OVER, 'a port in use is a fault'],
    [HAND_OVER, 'taken between start and open'],
  ),
  29: row('directory deleted while it runs', 'workers stay, a roll is refused', [FAULTS, '29: ']),
  30: row('`current` switched, old folder deleted', 'a roll starts the new release, the old one drains', [
    SURROUNDINGS,
    '30: ',
  ]),
  31: row('the clock jumps a day', 'no restart', [SURROUNDINGS, '31: ']),
  32: row('SIGSTOP of everything, then SIGCONT', 'no worker is taken for hung', [FAULTS, '32: ']),
  33: row(
    'control socket: garbage, long lines, many connections, stale, a link in its place',
    'refused, bounded, alive',
    [CONTROL, 'hundreds of connections'],
    [CONTROL, 'one in use is refused'],
    [CONTROL, 'a file or a link in its place'],
  ),
  34: row(
    'the app sends anything to its parent',
    'no harm',
    [FAULTS, '34: '],
    ['graceful/test/gate-message.test.ts', 'whatever an app sends'],
  ),
  35: row(
    'signals, once, twice, in a storm',
    'no worker lost or doubled; the second TERM means now',
    [CONTROL, 'a storm of them'],
    ['supervisor/test/keelson-run.itest.ts', 'a second signal ends at once'],
  ),
  36: row('Ctrl-C in a terminal', 'one drain, no noise', [FAULTS, '36: ']),
  37: row('PID 1', 'serves, SIGTERM ends it', [SURROUNDINGS, '37: ']),
  38: row('pid file: stale, reused', 'start times are compared', [MANAGER, 'replaces a stale one']),
  39: row('1 000 restarts', 'descriptors, memory, children as before', [
    'supervisor/test/restarts.soak.ts',
    'worker restarts leave nothing behind',
  ]),
  40: row('a worker that leaks', 'replaced over its limit, none lost', [
    'supervisor/test/recycling.itest.ts',
    'over a limit the worker is replaced, and no request is lost',
  ]),
  41: row('resize under load', 'none lost, the count is right', [CONTROL, 'resize under load']),
  42: row('socket of systemd, all workers killed', 'the port stays', [
    MANAGER,
    'it is taken, and outlives all workers',
  ]),
  43: row(
    'NOTIFY_SOCKET, with and without systemd-notify',
    'READY once, STOPPING before the drain, WATCHDOG while a worker answers',
    [MANAGER, 'READY once it serves'],
    [MANAGER, 'WATCHDOG=1 while a worker answers'],
    [MANAGER, 'without systemd-notify it says so once'],
  ),
  44: row('health while workers hang', '503 within a heartbeat', [
    HEALTH,
    'with every worker hung both say 503',
  ]),
  45: row(
    'threads, a closed descriptor 3',
    'inert; a defined error',
    [PRELOAD, 'neither children nor threads load the preload'],
    [PRELOAD, 'without the inherited descriptor'],
  ),
  46: row(
    'NODE_OPTIONS, ES modules, loaders, blanks in paths',
    'unchanged',
    [PRELOAD, 'ES module'],
    [PRELOAD, 'needs a --require hook'],
    [HAND_OVER, 'a directory with blanks and quotes'],
  ),
  47: row('Node 20, 22, 24', 'the same', ['supervisor/test/rolls.soak.ts', 'two rolls on Node']),
};
