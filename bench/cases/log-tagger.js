// The same 200 000 lines of 100 bytes tagged by us and by programs from npm, from start to end of the process.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {npmPeer} from '../peers.js';

const COUNT = 200_000;

export default function logTagger({root, work}) {
  const {execPath: node} = process;
  const tag = join(root, 'packages/log-tagger/bin/keelson-tag.js');
  const transformer = npmPeer('strong-log-transformer', '2.1.0', 'bin/sl-log-transformer.js');
  const concurrently = npmPeer('concurrently', '9.2.5', 'dist/bin/concurrently.js');
  const nf = npmPeer('foreman', '3.0.1', 'nf.js');

  const text = join(work, 'text');
  const json = join(work, 'json');
  const lines = (line) => Array.from({length: COUNT}, (_, index) => `${line(index)}\n`).join('');
  writeFileSync(
    text,
    lines((index) => `request ${index} took `.padEnd(99, 'x')),
  );
  writeFileSync(
    json,
    lines((index) => `${`{"level":30,"time":1700000000000,"pid":${index},"msg":"`.padEnd(97, 'x')}"}`),
  );
  writeFileSync(join(work, 'Procfile'), `web: cat ${text}\n`);
  writeFileSync(join(work, '.env'), 'A=1\n');

  const ours = (name, input, ...argv) => ({name, command: [node, tag, '--tag', 'web.1', ...argv], input});
  const theirs = (name, input, ...argv) => ({
    name,
    command: [node, transformer, '--tag', 'web.1', '--timeStamp', ...argv],
    input,
  });
  const command = {name: 'keelson-tag -- cat', command: [node, tag, '--', 'cat', text]};
  return [
    {ours: ours('keelson-tag', text), theirs: theirs('sl-log-transformer', text, '--format', 'text')},
    {
      ours: ours('keelson-tag, JSON lines', json, '--format', 'json'),
      theirs: theirs('sl-log-transformer, JSON', json, '--format', 'json'),
    },
    {
      ours: command,
      theirs: {
        name: 'concurrently cat',
        command: [node, concurrently, '--prefix', '{time} {name}', '--names', 'web.1', `cat ${text}`],
      },
    },
    {ours: command, theirs: {name: 'nf start', command: [node, nf, 'start'], cwd: work}},
  ];
}
