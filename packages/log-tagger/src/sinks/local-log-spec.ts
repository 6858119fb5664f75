import {duration, oneOf, size, word, type Settings} from './setting.ts';
import {FACILITIES, type Facility} from './syslog-spec.ts';

export interface LoggerSettings {
  /** Default `user`. */
  readonly facility?: Facility | undefined;
  /** What the log calls us. Default `keelson`. */
  readonly app?: string | undefined;
  /** A longer message is cut by logger(1). Default 8192. */
  readonly length?: number | undefined;
  /** Another datagram socket than /dev/log. */
  readonly socket?: string | undefined;
  readonly wait?: number | undefined;
}

export interface LoggerSpec extends LoggerSettings {
  readonly kind: 'logger';
}

export interface JournaldSettings {
  /** SYSLOG_IDENTIFIER. Default `keelson`. */
  readonly app?: string | undefined;
  readonly wait?: number | undefined;
}

export interface JournaldSpec extends JournaldSettings {
  readonly kind: 'journald';
}

export const loggerSettings: Settings<LoggerSettings> = {
  facility: oneOf(...FACILITIES),
  app: word,
  length: size,
  socket: word,
  wait: duration,
};

export const journaldSettings: Settings<JournaldSettings> = {app: word, wait: duration};
