import type {Writable} from 'node:stream';
import {styleText} from 'node:util';
import {askRunner, type ControlTarget} from './control-client.ts';
import type {LogLine} from './control-protocol.ts';

export interface LogsOptions extends ControlTarget {
  /** At most so many of the last lines. Default 100. */
  readonly lines?: number | undefined;
  /** And then what comes, until the runner ends or `signal` is aborted. Default false. */
  readonly follow?: boolean | undefined;
  /** text: name and line; json: an object a line; raw: the line alone. Default 'text'. */
  readonly format?: 'text' | 'json' | 'raw' | undefined;
  /** Default: no. */
  readonly color?: boolean | undefined;
  readonly sink: Writable;
  /** Told about lines that we were too slow for. */
  readonly onDropped?: ((lines: number) => void) | undefined;
}

const COLORS = ['cyan', 'yellow', 'green', 'magenta', 'blue', 'red'] as const;

/** Prints what the named processes (default: all) of a runner have printed. Faults: those of `askRunner`. */
export async function printLogs(names: readonly string[], options: LogsOptions): Promise<void> {
  const {lines = 100, follow = false, sink, onDropped} = options;
  const show = formatter(options);
  await askRunner({verb: 'logs', names, lines, follow}, options, (line, socket) => {
    if ('dropped' in line) return onDropped?.(line.dropped);
    if (sink.write(show(line))) return;
    // The runner notices, and drops lines rather than waiting.
    socket.pause();
    sink.once('drain', () => socket.resume());
  });
}

function formatter({format = 'text', color = false}: LogsOptions): (line: LogLine) => Buffer | string {
  if (format === 'json') return (line) => `${JSON.stringify(line)}\n`;
  const bytes = ({line, base64 = ''}: LogLine) =>
    line === undefined ? Buffer.concat([Buffer.from(base64, 'base64'), NEWLINE]) : `${line}\n`;
  if (format === 'raw') return bytes;
  const prefixes = new Map<string, string>();
  return (line) => {
    const key = `${line.name} ${line.stream === 'err' ? '!' : '|'} `;
    if (!prefixes.has(line.name)) prefixes.set(line.name, COLORS[prefixes.size % COLORS.length]!);
    const prefix = color ? styleText(prefixes.get(line.name) as 'cyan', key, {validateStream: false}) : key;
    const content = bytes(line);
    return typeof content === 'string' ? prefix + content : Buffer.concat([Buffer.from(prefix), content]);
  };
}

const NEWLINE = Buffer.from('\n');
