import {parseSink} from './parse-sink.ts';
import type {Sink} from './sink.ts';
import {commandSettings, type CommandSpec} from './sinks/command-spec.ts';
import {commandSink} from './sinks/command.ts';
import {fifoSettings, type FifoSpec} from './sinks/fifo-spec.ts';
import {FifoSink} from './sinks/fifo.ts';
import {checkFileSpec, fileSettings, type FileSpec} from './sinks/file-spec.ts';
import {FileSink} from './sinks/file.ts';
import {
  journaldSettings,
  loggerSettings,
  type JournaldSpec,
  type LoggerSpec,
} from './sinks/local-log-spec.ts';
import {journaldSink, loggerSink} from './sinks/local-log.ts';
import {refuseSink} from './sinks/refuse-sink.ts';
import {checkSettings} from './sinks/setting.ts';
import type {SinkOptions} from './sinks/sink-options.ts';
import type {SinkKind, SinkSpec} from './sinks/sink-spec.ts';
import {checkSyslogSpec, type SyslogSpec} from './sinks/syslog-spec.ts';
import {streamSink} from './sinks/stream.ts';
import {syslogSink} from './sinks/syslog.ts';

const KINDS = {
  stdout: () => streamSink(process.stdout),
  stderr: () => streamSink(process.stderr),
  file(spec: FileSpec, options: SinkOptions) {
    const {kind, path, ...settings} = spec;
    checkSettings(settings, fileSettings, kind);
    checkPath(kind, path);
    checkFileSpec(spec);
    return new FileSink(spec, options);
  },
  fifo(spec: FifoSpec) {
    const {kind, path, ...settings} = spec;
    checkSettings(settings, fifoSettings, kind);
    checkPath(kind, path);
    return new FifoSink(spec);
  },
  syslog(spec: SyslogSpec, options: SinkOptions) {
    checkSyslogSpec(spec);
    return syslogSink(spec, options);
  },
  logger({kind, ...settings}: LoggerSpec, options: SinkOptions) {
    checkSettings(settings, loggerSettings, kind);
    return loggerSink({kind, ...settings}, options);
  },
  journald({kind, ...settings}: JournaldSpec, options: SinkOptions) {
    checkSettings(settings, journaldSettings, kind);
    return journaldSink({kind, ...settings}, options);
  },
  command(spec: CommandSpec, options: SinkOptions) {
    const {kind, command, ...settings} = spec;
    checkSettings(settings, commandSettings, kind);
    if (command.length === 0 || command[0] === '') refuseSink('command: a command is missing');
    return commandSink(spec, options);
  },
} satisfies {[K in SinkKind]: (spec: Extract<SinkSpec, {kind: K}>, options: SinkOptions) => Sink};

/**
 * The sink for a destination, written as `parseSink` reads it or as data. Nothing is opened before its `open`.
 * Faults: TAGGER_SINK_INVALID.
 */
export function createSink(to: string | SinkSpec, options: SinkOptions = {}): Sink {
  const spec = typeof to === 'string' ? parseSink(to) : to;
  if (!Object.hasOwn(KINDS, spec.kind)) refuseSink(`there is no sink of kind ${JSON.stringify(spec.kind)}`);
  const create = KINDS[spec.kind] as (spec: SinkSpec, options: SinkOptions) => Sink;
  return create(spec, options);
}

function checkPath(kind: string, path: unknown): void {
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    refuseSink(`${kind}: a path is missing`);
}
