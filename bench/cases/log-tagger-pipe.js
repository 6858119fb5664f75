// Lines of 100 bytes through pipes and into files: 2 000 000, or 400 000 beside slow peers. Only the tagger itself is metered.
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {peakMemory} from '../measure.js';
import {needPrograms, npmPeer} from '../peers.js';

const MANY = 2_000_000;
const FEW = 400_000;

export default async function logTaggerPipe({root, work}) {
  needPrograms(['sed', 'svlogd', 'multilog', 's6-log'], 'apt-get install sed runit daemontools s6');
  const {execPath: node} = process;
  const tag = join(root, 'packages/log-tagger/bin/keelson-tag.js');
  const transformer = npmPeer('strong-log-transformer', '2.1.0', 'bin/sl-log-transformer.js');

  const file = (name, count, line) => {
    const path = join(work, name);
    for (let at = 0; at < count; at += 20_000)
      writeFileSync(path, Array.from({length: 20_000}, (_, index) => `${line(at + index)}\n`).join(''), {
        flag: 'a',
      });
    return path;
  };
  const text = (index) => `request ${index} took `.padEnd(99, 'x');
  const pino = (index) => `${`{"level":30,"time":1700000000000,"pid":${index},"msg":"`.padEnd(97, 'x')}"}`;
  // One line in twenty begins a stack of ten.
  const stack = (index) => (index % 200 < 9 ? '    at f (/app/server.js:1:2)'.padEnd(99, 'x') : text(index));
  const many = {
    text: file('text', MANY, text),
    pino: file('pino', MANY, pino),
    stacks: file('stacks', MANY, stack),
  };
  const few = {text: file('few', FEW, text), pino: file('few-pino', FEW, pino)};

  const folder = (name) => {
    const path = join(work, name);
    mkdirSync(path, {recursive: true});
    return path;
  };
  const piped = (name, input, ...command) => ({name, command, input, piped: true});
  const ours = (input, ...argv) =>
    piped(['keelson-tag', ...argv].join(' '), input, node, tag, '--tag', 'web.1', ...argv);
  const none = ['--timestamps', 'none'];
  const toFile = {
    ...ours(many.text, '--to', `file:${join(folder('ours'), 'log')}?size=16M&keep=2`),
    name: 'keelson-tag --to file:…?size=16M&keep=2',
  };
  writeFileSync(join(folder('svlogd'), 'config'), 's16777215\nn2\n');
  const rows = [
    {ours: ours(many.text, ...none), theirs: piped('sed', many.text, 'sed', 's/^/x /')},
    {ours: ours(many.text, ...none), theirs: piped('cat', many.text, 'cat')},
    {ours: toFile, theirs: piped('svlogd -tt', many.text, 'svlogd', '-tt', folder('svlogd'))},
    {
      ours: toFile,
      theirs: piped('multilog t', many.text, 'multilog', 't', 's16777215', 'n2', folder('multilog')),
    },
    {ours: toFile, theirs: piped('s6-log T', many.text, 's6-log', 'T', 'n2', 's16777215', folder('s6-log'))},
    {ours: ours(many.text, ...none, '--merge'), theirs: ours(many.text, ...none)},
    {
      ours: {...ours(many.stacks, ...none, '--merge'), name: 'keelson-tag --merge, with stacks'},
      theirs: ours(many.stacks, ...none),
    },
    {
      ours: {...ours(many.pino, ...none, '--format', 'json'), name: 'keelson-tag --format json, JSON lines'},
      theirs: ours(many.text, ...none),
    },
    {
      ours: {...ours(many.text, ...none, '--format', 'json'), name: 'keelson-tag --format json, text'},
      theirs: ours(many.text, ...none),
    },
    ...['text', 'json'].map((format) => {
      const input = format === 'json' ? few.pino : few.text;
      const theirs = piped(
        `sl-log-transformer --format ${format}`,
        input,
        node,
        transformer,
        '--tag',
        'web.1',
        '--timeStamp',
        '--format',
        format,
      );
      return {
        ours: {...ours(input, '--format', format), name: `keelson-tag --format ${format}, 400 000`},
        theirs,
      };
    }),
  ];
  for (const row of rows) for (const side of ['ours', 'theirs']) row[side] = await withMemory(row[side]);
  return rows;
}

const known = new Map();

/** The peak goes into the name: it is measured once, apart from the times. */
async function withMemory(side) {
  if (!known.has(side.name)) known.set(side.name, await peakMemory(side));
  return {...side, name: `${side.name} (${Math.round(known.get(side.name))} MiB)`};
}
