/** From the least to the most serious, as pino and bunyan number them. */
export const LEVELS = {trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60} as const;
export type Level = keyof typeof LEVELS;

/** What loggers call them, beside the names themselves. npm's `http` and `verbose` (winston) are less than `info`. */
const NAMES = new Map<string, Level>([
  ...(Object.keys(LEVELS) as Level[]).map((level) => [level, level] as const),
  ['silly', 'trace'],
  ['verbose', 'debug'],
  ['http', 'debug'],
  ['notice', 'info'],
  ['warning', 'warn'],
  ['err', 'error'],
  ['crit', 'fatal'],
  ['critical', 'fatal'],
  ['alert', 'fatal'],
  ['emerg', 'fatal'],
  ['emergency', 'fatal'],
  ['panic', 'fatal'],
]);

// syslog(3): emerg, alert, crit, err, warning, notice, info, debug
const SEVERITIES: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];

// pino writes its level first, as a number; winston as a word.
const JSON_FIRST = /^\{\s*"level"\s*:\s*(?:(\d+)|"([A-Za-z]+)")/;
// What a logger writes in front of the level, when it writes the time itself: `2026-01-01T12:00:00.000Z `, `[2026-01-01 12:00:00,5] - `.
const TIME = /^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]? (?:- )?/;
// A word counts when it is set off as loggers do it: `ERROR x`, `[error] x`, `error: x`, `TypeError: x`, `at=1 level=error`.
const TEXT = /^(?:<([0-7])>|\[([A-Za-z]+)\]|([A-Za-z]+): |([A-Z]+)(?=[ :\t]|$))/;
const PAIRS = /^(?:[\w.]+=(?:"[^"]*"|[^"\s]\S*)? )*level=([A-Za-z]+)(?=[ \r]|$)/;
const ERROR_NAME = /^(?:Uncaught )?(?:[A-Z]\w*)?Error(?: \[\w+\])?(?::|$)/;

/** What a line says of its own level, without a guess; undefined when it says nothing. */
export function levelOf(line: string): Level | undefined {
  if (line.startsWith('{')) return levelOfObject(line);
  const text = withoutTime(line);
  const [, severity, ...words] = TEXT.exec(text) ?? [];
  if (severity !== undefined) return SEVERITIES[Number(severity)];
  const word = words.find((one) => one !== undefined) ?? PAIRS.exec(text)?.[1];
  const known = word === undefined ? undefined : NAMES.get(word.toLowerCase());
  return known ?? (text.includes('Error') && ERROR_NAME.test(text) ? 'error' : undefined);
}

/** Most lines have none, which their first character says. */
function withoutTime(line: string): string {
  const first = line.charCodeAt(0);
  return first === 0x5b || (first >= 0x30 && first <= 0x39) ? line.replace(TIME, '') : line;
}

function levelOfObject(line: string): Level | undefined {
  const [, number, name] = JSON_FIRST.exec(line) ?? [];
  if (number !== undefined) return levelOfNumber(Number(number));
  if (name !== undefined) return NAMES.get(name.toLowerCase());
  if (!line.includes('"level"')) return undefined;
  try {
    const {level} = JSON.parse(line) as {readonly level?: unknown};
    if (typeof level === 'number') return levelOfNumber(level);
    return typeof level === 'string' ? NAMES.get(level.toLowerCase()) : undefined;
  } catch {
    return undefined;
  }
}

/** Levels of one's own lie between: 35 is still `info`. */
function levelOfNumber(number: number): Level | undefined {
  return (Object.keys(LEVELS) as Level[]).findLast((level) => LEVELS[level] <= number);
}

/** The lines of a block that are at least so serious, or do not say; undefined when none is left. */
export function atLeast(min: Level, block: string): string | undefined {
  const lines = block.split('\n').filter((line) => passes(min, line));
  return lines.length === 0 ? undefined : lines.join('\n');
}

export function passes(min: Level, line: string): boolean {
  const level = levelOf(line);
  return level === undefined || LEVELS[level] >= LEVELS[min];
}
