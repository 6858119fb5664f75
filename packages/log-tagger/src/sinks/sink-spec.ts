import type {CommandSpec} from './command-spec.ts';
import type {FifoSpec} from './fifo-spec.ts';
import type {FileSpec} from './file-spec.ts';
import type {JournaldSpec, LoggerSpec} from './local-log-spec.ts';
import type {SyslogSpec} from './syslog-spec.ts';

/** A place that lines go to, as data: what `parseSink` makes of a text. */
export type SinkSpec =
  | {readonly kind: 'stdout'}
  | {readonly kind: 'stderr'}
  | FileSpec
  | FifoSpec
  | SyslogSpec
  | LoggerSpec
  | JournaldSpec
  | CommandSpec;

export type SinkKind = SinkSpec['kind'];
