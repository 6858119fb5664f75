import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {bin, packageRoot, runBin} from '@keelson/test-kit';

const ROOT = packageRoot(import.meta.url);
const TAG = bin('log-tagger');
const LOGGERS = ['console', 'pino', 'winston', 'bunyan', 'debug'] as const;
type Logger = (typeof LOGGERS)[number];
const COUNT = 10_001; // 1 MB and more: far more than a pipe or a socket holds
const program = (logger: Logger) => join(ROOT, 'test/fixtures/loggers', `${logger}.mjs`);
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A logger's program through keelson-tag: what it printed, line by line. */
async function tagged(logger: Logger, flags: readonly string[], words: readonly string[], env = {}) {
  const {code, stdout, stderr} = await runBin(
    TAG,
    ['--tag', 'web.1', ...flags, '--', process.execPath, program(logger), ...words],
    {env: {DEBUG: 'shop:*', DEBUG_HIDE_DATE: '1', ...env}},
  );
  expect(stderr).toBe('');
  expect(stdout.at(-1)).toBe('\n');
  return {code, lines: stdout.slice(0, -1).split('\n')};
}

type Entry = Readonly<Record<string, unknown>>;
const json = async (logger: Logger, flags: readonly string[], words: readonly string[], env = {}) => {
  const {code, lines} = await tagged(logger, ['--format', 'json', ...flags], words, env);
  return {code, entries: lines.map((line) => JSON.parse(line) as Entry), lines};
};
/** The number of a numbered line, whatever its logger makes of it. */
const numberOf = ({at, msg}: Entry) => at ?? Number(/line (\d+) é$/.exec(String(msg))?.[1] ?? Number.NaN);
const numbers = Array.from({length: COUNT}, (_, at) => at);
const numbered = (entries: readonly Entry[]) =>
  entries.map(numberOf).filter((number) => Number.isInteger(number));

describe.each(LOGGERS)('%s', (logger) => {
  test.each([
    ['exit', 0],
    ['throw', 1],
    ['kill', 137],
  ])('the last lines are there after %s, whole and in order', async (end, status) => {
    const {code, entries} = await json(logger, [], [`${COUNT}`, end]);
    expect(code).toBe(status);
    expect(numbered(entries)).toEqual(numbers);
    expect(JSON.stringify(entries.slice(COUNT))).toContain('it broke');
  });

  test('text: the line as the logger wrote it', async () => {
    const {lines} = await tagged(logger, ['--timestamps', 'none'], ['3', 'exit']);
    expect(lines.every((line) => line.startsWith('web.1 '))).toBe(true);
    const own = lines.map((line) => line.slice('web.1 '.length));
    const entries = own.map((line): Entry => (line.startsWith('{"') ? JSON.parse(line) : {msg: line}));
    expect(numbered(entries)).toEqual([0, 1, 2]);
  });

  test('a line has the time once', async () => {
    const {entries} = await json(logger, [], ['3', 'exit']);
    const times = entries.map(
      (entry) => Object.keys(entry).filter((key) => /^time(stamp)?$/.test(key)).length,
    );
    expect(times).toEqual(entries.map(() => 1));
    const {entries: without} = await json(logger, ['--timestamps', 'none'], ['3', 'exit']);
    const own = ['pino', 'winston', 'bunyan'].includes(logger) ? 1 : 0;
    expect(without.map((entry) => Number('time' in entry) + Number('timestamp' in entry))).toEqual(
      without.map(() => own),
    );
  });

  test('the recipe of the README is how this program begins', () => {
    const [recipe] = readFileSync(program(logger), 'utf8').split('\n// The recipe of the README ends here.');
    const blocks = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/^```js\n([\s\S]*?)^```/gm)];
    expect(blocks.map(([, code]) => code)).toContain(recipe);
  });
});

describe('the fields of the logger stay, ours fill the gaps', () => {
  const pid = expect.any(Number);
  const hostname = expect.any(String);
  const cases: readonly [Logger, Entry][] = [
    ['console', {tag: 'web.1', time: expect.stringMatching(ISO), pid, env: 'prod', msg: 'line 0 é'}],
    [
      'pino',
      {tag: 'web.1', env: 'prod', level: 30, time: expect.any(Number), pid, hostname, at: 0, msg: 'line é'},
    ],
    [
      'winston',
      {
        tag: 'web.1',
        pid,
        env: 'prod',
        at: 0,
        level: 'info',
        message: 'line é',
        timestamp: expect.stringMatching(ISO),
      },
    ],
    [
      'bunyan',
      {
        tag: 'web.1',
        env: 'prod',
        name: 'shop',
        hostname,
        pid,
        level: 30,
        at: 0,
        msg: 'line é',
        time: expect.stringMatching(ISO),
        v: 0,
      },
    ],
    [
      'debug',
      {
        tag: 'web.1',
        time: expect.stringMatching(ISO),
        stream: 'err',
        pid,
        env: 'prod',
        msg: 'shop:web line 0 é',
      },
    ],
  ];

  test.each(cases)('%s', async (logger, expected) => {
    const {entries, lines} = await json(logger, ['--pid', '--field', 'env=prod'], ['1', 'exit']);
    const at = entries.findIndex((entry) => numberOf(entry) === 0);
    expect(entries[at]).toEqual(expected);
    for (const name of Object.keys(expected)) expect(lines[at]!.split(`"${name}":`)).toHaveLength(2);
  });
});

describe('errors', () => {
  test.each([
    ['pino', 'err', /^Error: it broke\n {4}at [\s\S]+\ncaused by: TypeError: the cause\n {4}at /],
    ['bunyan', 'err', /^Error: it broke\n {4}at /],
    ['winston', undefined, /^Error: it broke\n {4}at /],
  ] as const)('%s writes them as one line', async (logger, field, stack) => {
    const {entries} = await json(logger, [], ['1', 'exit']);
    const error = entries.at(-1)!;
    expect((field === undefined ? error : (error[field] as Entry))['stack']).toMatch(stack);
  });

  const WHOLE = /Error: it broke\n {4}at [\s\S]+\n {2}\[cause\]: TypeError: the cause\n {6}at [\s\S]+\n\}$/;

  test.each(['console', 'debug'] as const)(
    '%s: --merge makes one record of them, with their cause',
    async (logger) => {
      const {entries} = await json(logger, ['--merge'], ['1', 'exit']);
      const record = entries.find(({msg}) => String(msg).includes('it broke'))!;
      expect(record).toMatchObject({tag: 'web.1', stream: 'err', msg: expect.stringMatching(WHOLE)});
    },
  );

  test.each(LOGGERS)('%s: --merge makes one record of an uncaught one', async (logger) => {
    const {entries} = await json(logger, ['--merge'], ['1', 'throw']);
    const record = entries.find(({msg}) => String(msg).includes('nobody catches it'))!;
    expect(record).toMatchObject({stream: 'err'});
    expect(record['msg']).toMatch(
      /^file:[\s\S]+\n\s+\^\n\nError: nobody catches it\n {4}at [\s\S]+\n\nNode\.js v[\d.]+$/,
    );
  });
});

describe("debug's colours", () => {
  const colours = {DEBUG_COLORS: '1'};

  test('text: as they are', async () => {
    const {lines} = await tagged('debug', ['--timestamps', 'none'], ['1', 'exit'], colours);
    const line = lines.find((one) => one.includes('line 0'));
    expect(line).toMatch(/^web\.1 {3}/);
    expect(line).toContain('mshop:web \u001b[0mline 0 é ');
  });

  test('json: escaped', async () => {
    const {entries, lines} = await json('debug', [], ['1', 'exit'], colours);
    expect(lines.join('')).not.toContain('\u001b');
    expect(entries.find(({msg}) => String(msg).includes('line 0'))?.['msg']).toContain('\u001b[0mline 0 é ');
  });
});
