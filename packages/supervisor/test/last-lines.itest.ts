import {describe, expect, test} from '@jest/globals';
import {Writable} from 'node:stream';
import {createTagger} from '@keelson/log-tagger';
import {alive, until} from '@keelson/test-kit';
import {fixtures} from './load.ts';
import {type Bench, bench, pids, serve} from './workloads.ts';

// 2 MB, far more than a pipe or a socket holds.
const COUNT = 20_001;
const numbered = Array.from({length: COUNT}, (_, at) => `line ${at} `.padEnd(99, '.'));

/** What the log says of one tag, up to the note about its first end. */
const linesOf = (log: string, tag: string): string[] => {
  const own = log.split('\n').filter((line) => line.startsWith(`${tag} `));
  const end = own.findIndex((line) => /^\S+ (exited with code|was ended by) /.test(line));
  return own.slice(0, end + 1).map((line) => line.slice(tag.length + 1));
};

/** `web.1`, and two workers of other kinds that end as told, each time they start. */
const start = (b: Bench, end: string, command = `node last-lines.mjs ${COUNT} ${end}`) =>
  b.supervisor.start({
    ...b.web(),
    cwd: fixtures,
    instances: [1, 2].map((index) => ({
      name: `job.${index}`,
      type: 'job',
      index,
      command,
      port: 1000 + index,
    })),
  });

const ended = (b: Bench) =>
  until(() => ['job.1', 'job.2'].every((tag) => linesOf(b.log(), tag).length > 0), {timeoutMs: 30_000});

describe('the last lines of workers', () => {
  test('all of them, each under its own tag, before the note of the end: process.exit(0)', async () => {
    await using b = await bench();
    await start(b, 'exit');
    await ended(b);
    for (const tag of ['job.1', 'job.2'])
      expect(linesOf(b.log(), tag)).toEqual([...numbered, 'exited with code 0']);
  });

  test('crash stacks whole and attributed', async () => {
    await using b = await bench();
    await start(b, 'throw');
    await ended(b);
    for (const tag of ['job.1', 'job.2']) {
      const said = linesOf(b.log(), tag);
      expect(said.filter((line) => line.startsWith('line '))).toEqual(numbered);
      const stack = said.filter((line) => !line.startsWith('line ')).join('\n');
      expect(stack).toMatch(
        /^file:.*last-lines\.mjs:\d+\n.*\n\s+\^\n\nError: it broke\n(?: {4}at .*\n)+ {4}at .* \{\n {2}\[cause\]: Error: the cause\n(?: {6}at .*\n)+\}\n\nNode\.js v[\d.]+\nexited with code 1$/,
      );
    }
  });

  test('a web worker, of which the gate puts NODE_OPTIONS back', async () => {
    await using b = await bench();
    await serve(b, b.web({LINES: `${COUNT}`}, {command: 'node last-lines-web.mjs'}));
    await fetch(`http://127.0.0.1:${b.port}/end`).catch(() => {});
    await until(() => linesOf(b.log(), 'web.1').length > 0);
    expect(linesOf(b.log(), 'web.1')).toEqual([...numbered, 'exited with code 5']);
  });

  test('KEELSON_OUTPUT=async in the environment of the app leaves Node as it is', async () => {
    await using b = await bench();
    const options = 'node -p "process.env.NODE_OPTIONS"';
    await b.supervisor.start({
      ...b.web({KEELSON_OUTPUT: 'async'}),
      instances: [{name: 'job.1', type: 'job', index: 1, command: options, port: 1}],
    });
    await until(() => linesOf(b.log(), 'job.1').length > 0);
    expect(linesOf(b.log(), 'job.1')).toEqual(['undefined', 'exited with code 0']);
  });
});

test('a worker that waits for a log that stands still can be ended all the same', async () => {
  let written: (() => void) | undefined;
  const stuck = new Promise<void>((resolve) => (written = resolve));
  const sink = new Writable({
    write() {
      written!(); // and never done
    },
  });
  const logs = createTagger({sink, timestamps: 'none'});
  await using b = await bench({logs, graceMs: 300});
  const endless = (handler: string) => `exec node -e '${handler}; for (;;) console.log("line")'`;
  const generation = await b.supervisor.start({
    ...b.web(),
    instances: ['process.on("SIGTERM", () => {})', '0'].map((handler, at) => ({
      name: `job.${at + 1}`,
      type: 'job',
      index: at + 1,
      command: endless(handler),
      port: 1000 + at,
    })),
  });
  await stuck;
  const running = pids(b.supervisor);
  expect(running).toHaveLength(2);
  await generation.drain();
  expect(running.map(alive)).toEqual([false, false]);
  sink.destroy();
});
