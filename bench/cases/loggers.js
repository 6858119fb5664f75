// 200 000 lines of each logger through keelson-tag, the logger's program and ours together; and what the preload costs.
import {join} from 'node:path';

const COUNT = '200000';

export default function loggers({root}) {
  const {execPath: node} = process;
  const tag = join(root, 'packages/log-tagger/bin/keelson-tag.js');
  const programs = join(root, 'packages/log-tagger/test/fixtures/loggers');
  const preload = join(root, 'packages/log-tagger/dist/preload.cjs');
  const through = (name, file) => ({
    name,
    command: [node, tag, '--format', 'json', '--', node, join(programs, file), COUNT, 'exit'],
    env: {DEBUG: 'shop:*', DEBUG_HIDE_DATE: '1'},
  });
  const console = through('console.log', 'console.mjs');
  const nothing = (name, env) => ({name, command: [node, '-e', '0'], env});
  return [
    {ours: through('pino, sync', 'pino.mjs'), theirs: console},
    {ours: through('bunyan', 'bunyan.mjs'), theirs: console},
    {ours: through('winston', 'winston.mjs'), theirs: console},
    {ours: through('debug', 'debug.mjs'), theirs: console},
    {
      ours: nothing('node -e 0 with the preload', {NODE_OPTIONS: `--require=${preload}`}),
      theirs: nothing('node -e 0'),
    },
  ];
}
