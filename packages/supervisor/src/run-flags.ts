import {Flags, envFlag, formationFlag, portFlag} from '@keelson/cli-kit';
import {durationFlag} from './duration-flag.ts';
import {healthAddressFlag} from './health-address-flag.ts';
import {listenerFlag} from './listener-flag.ts';
import {memoryFlag} from './memory-flag.ts';
import {usr2Flag} from './usr2-flag.ts';
import {workersFlag} from './workers-flag.ts';

/** What `keelson run` takes. */
export const runFlags = {
  formation: formationFlag(),
  port: portFlag({summary: 'Port of the first instance. Default: PORT, else 5000.'}),
  workers: workersFlag(),
  env: envFlag(),
  host: Flags.string({summary: 'Address to listen on.', default: '127.0.0.1'}),
  listener: listenerFlag(),
  health: Flags.string({
    summary: 'Path that answers 2xx when the app works. Default: / answers, and with no server error (5xx).',
    helpValue: 'PATH',
  }),
  grace: Flags.integer({
    summary: 'Seconds that a drain may take. Default: what package.json says of the process type, else 30.',
    helpValue: 'S',
    min: 0,
  }),
  notice: durationFlag({
    summary:
      'On SIGTERM say that it is not ready, and serve on for so long: a load balancer looks elsewhere.',
    default: 0,
  }),
  'pid-file': Flags.string({summary: 'File that gets our process id.', helpValue: 'PATH'}),
  'health-on': healthAddressFlag({summary: 'Where to answer /health, /livez, /readyz and /metrics.'}),
  heartbeat: durationFlag({
    summary: 'A worker that has not answered the supervisor for so long does not count as healthy.',
    default: 1000,
  }),
  metrics: Flags.boolean({
    summary: 'Answer /metrics beside /health: Prometheus text, added up over the workers.',
  }),
  plugin: Flags.string({
    summary: 'Module that extends the supervisor; may be repeated.',
    helpValue: 'MODULE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  require: Flags.string({
    summary: 'Module that Node loads in each worker before the app; may be repeated.',
    helpValue: 'MODULE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  import: Flags.string({
    summary: 'As --require, for an ES module.',
    helpValue: 'MODULE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'health-path': Flags.string({
    summary: 'Path that workers answer for the app on its own port: 200, or 503 while it leaves.',
    helpValue: 'PATH',
  }),
  'hang-limit': durationFlag({
    summary:
      'Print the stack of a web worker whose event loop stands still for so long, and replace it. Default: never.',
  }),
  to: Flags.string({
    summary:
      'Where the lines go, default stdout; may be repeated: file:PATH?size=10M&keep=5, syslog+tcp://HOST, |COMMAND …',
    helpValue: 'DEST',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'max-memory': memoryFlag({summary: 'Replace a worker that uses more than this.'}),
  'max-uptime': durationFlag({summary: 'Replace a worker that has served for longer.'}),
  'max-requests': Flags.integer({
    summary: 'Replace a web worker that has answered more requests.',
    helpValue: 'N',
    min: 1,
  }),
  'max-lag': durationFlag({
    summary: 'Replace a web worker whose event loop is later than this, twice in a row.',
  }),
  'heap-snapshots': Flags.string({
    summary: 'Folder that gets a heap snapshot when a heap comes near its limit.',
    helpValue: 'DIR',
  }),
  'on-usr2': usr2Flag(),
  'start-limit': Flags.integer({
    summary: 'Exit 70 when every worker has failed so many times in a row; 0: never.',
    helpValue: 'N',
    min: 0,
    default: 10,
  }),
  control: Flags.string({
    char: 'C',
    summary: 'Unix socket to listen on for `keelson ctl`; mode 0600.',
    helpValue: 'SOCK',
  }),
};
