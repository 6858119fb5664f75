import {Flags, UsageError} from '@keelson/cli-kit';

import type {TaggerFault} from './fault.ts';

/** What `keelson-tag` does to lines, and where it takes them. */
export const tagFlags = {
  tag: Flags.string({
    char: 't',
    summary: 'In front of each line; may be repeated. Default: the name of the command.',
    helpValue: 'TAG',
    multiple: true,
    multipleNonGreedy: true,
  }),
  field: Flags.string({
    char: 'f',
    summary: 'One more field in front of each line; may be repeated.',
    helpValue: 'NAME=VALUE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  pid: Flags.boolean({summary: "The command's pid as a field."}),
  timestamps: Flags.option({
    options: ['iso', 'epoch', 'relative', 'none'] as const,
    summary:
      'Time of arrival: UTC, milliseconds since 1970, or seconds since the start. Default: iso; none where systemd’s journal reads stdout.',
  })(),
  format: Flags.option({
    options: ['text', 'json'] as const,
    summary: 'json: one object a line, also of lines that are none.',
    default: 'text',
  })(),
  level: Flags.option({
    options: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const,
    summary: 'Leave out lines that say that they are less.',
  })(),
  merge: Flags.boolean({summary: 'Stacks and indented lines become one record with the line before them.'}),
  'merge-start': Flags.string({
    summary: 'A line that matches begins a record, all others continue it.',
    helpValue: 'REGEX',
  }),
  'merge-idle': Flags.integer({
    summary: 'How long a record that may go on is held back when nothing comes. Default 250.',
    helpValue: 'MS',
    min: 1,
  }),
  'max-line': Flags.integer({
    summary: 'Cut a longer line or record into pieces.',
    helpValue: 'BYTES',
    default: 65_536,
    min: 16,
  }),
  overflow: Flags.option({
    options: ['block', 'drop'] as const,
    summary: 'When a destination is full: let who writes wait, or drop lines and say how many.',
    default: 'block',
  })(),
  to: Flags.string({
    summary:
      'Where to, default stdout; may be repeated: file:PATH?size=10M&keep=5, syslog+tcp://HOST, |COMMAND …',
    helpValue: 'DEST',
    multiple: true,
    multipleNonGreedy: true,
  }),
};

/** Whatever the tagger refuses was asked for on the command line. */
export function usageErrorOf(error: unknown): unknown {
  const {code, hint, message} = error as Partial<TaggerFault>;
  return code === 'TAGGER_OPTIONS' || code === 'TAGGER_SINK_INVALID' ? new UsageError(message!, hint) : error;
}
