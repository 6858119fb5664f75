import type {FormatOptions, LineFormat} from '../line-format.ts';
import type {Sink} from '../sink.ts';
import {droppedWords, toLatin1} from '../line-format.ts';
import {commandSink} from './command.ts';
import type {JournaldSpec, LoggerSpec} from './local-log-spec.ts';
import {severityOf, WARNING} from './severity.ts';
import type {SinkOptions} from './sink-options.ts';

const APP = 'keelson';
const LENGTH = 8192;

// Node has no unix datagrams, which /dev/log and the journal's own socket speak.

/** The local syslog, through logger(1). */
export function loggerSink(spec: LoggerSpec, options: SinkOptions): Sink {
  const {facility = 'user', app = APP, length = LENGTH, socket, wait} = spec;
  const command = [
    'logger',
    '--prio-prefix',
    '--socket-errors=on',
    `--tag=${app}`,
    `--priority=${facility}.info`,
    `--size=${length}`,
    ...(socket === undefined ? [] : [`--socket=${socket}`]),
  ] as const;
  return commandSink(
    {kind: 'command', command: [...command], wait},
    {...options, name: 'logger', format: prefixFormat},
  );
}

/** The journal, through systemd-cat(1). */
export function journaldSink({app = APP, wait}: JournaldSpec, options: SinkOptions): Sink {
  const command = ['systemd-cat', `--identifier=${app}`, '--level-prefix=yes'] as const;
  return commandSink(
    {kind: 'command', command: [...command], wait},
    {...options, name: 'journald', format: prefixFormat},
  );
}

/** `<6>TAG LINE`, as sd-daemon(3) has it; the time is added where it goes. */
function prefixFormat({tag, kind}: FormatOptions): LineFormat {
  const tagged = toLatin1(tag === '' ? '' : `${tag} `);
  const one = (line: string) => `<${severityOf(line, kind)}>${tagged}${line}\n`;
  const all = (block: string) => {
    if (!block.includes('\n')) return one(block);
    let out = '';
    for (const line of block.split('\n')) out += one(line);
    return out;
  };
  const part = (text: string, more: boolean) => all(more ? `${text} [cut]` : text);
  const dropped = (count: number) => `<${WARNING}>${tagged}[keelson] ${droppedWords(count)}\n`;
  return {lines: all, piece: part, record: part, dropped};
}
