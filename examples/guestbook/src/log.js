import {pino} from 'pino';

/** One JSON object per line on stdout. */
export function createLog(name) {
  return pino({
    name,
    level: process.env.LOG_LEVEL || 'info',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {level: (label) => ({level: label})},
  });
}
