import {levelOf, type Level} from '../level.ts';

/** RFC 5424 §6.2.1. */
export const WARNING = 4;

const SEVERITIES: Readonly<Record<Level, number>> = {
  trace: 7,
  debug: 7,
  info: 6,
  warn: WARNING,
  error: 3,
  fatal: 2,
};

/** The syslog severity of a line: of the level it tells; else info, or err for what came on stderr. */
export function severityOf(line: string, kind: 'out' | 'err'): number {
  const level = levelOf(line);
  if (level !== undefined) return SEVERITIES[level];
  return kind === 'err' ? 3 : 6;
}
