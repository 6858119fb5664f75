import {TaggerFault} from './fault.ts';
import type {TaggerOptions} from './tagger-options.ts';

interface FieldFlags {
  readonly field?: readonly string[] | undefined;
}

/** Throws TAGGER_OPTIONS. */
export function fieldsOf({field = []}: FieldFlags): Record<string, string> {
  const pairs = field.map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1) throw new TaggerFault('TAGGER_OPTIONS', `--field ${text}: this is not NAME=VALUE`);
    return [text.slice(0, equals), text.slice(equals + 1)];
  });
  return Object.fromEntries(pairs);
}

export interface LineFlags extends Pick<TaggerOptions, 'format' | 'level' | 'overflow'> {
  readonly 'max-line': number;
  readonly merge: boolean;
  readonly 'merge-start'?: string | undefined;
  readonly 'merge-idle'?: number | undefined;
}

/**
 * What flags ask to be done to lines. Throws TAGGER_OPTIONS.
 * @param person somebody reads along
 */
export function lineSettings(flags: LineFlags, person: boolean): Omit<TaggerOptions, 'sink' | 'timestamps'> {
  const {format, level, overflow, 'max-line': maxLineBytes} = flags;
  return {format, level, overflow, maxLineBytes, merge: mergeOf(flags, person)};
}

function mergeOf(flags: LineFlags, person: boolean): TaggerOptions['merge'] {
  const {'merge-start': start, 'merge-idle': idleMs} = flags;
  if (flags.merge || start !== undefined)
    return {
      idleMs,
      start: start === undefined ? undefined : pattern(start),
      records: person ? 'kept' : 'joined',
    };
  if (idleMs !== undefined)
    throw new TaggerFault('TAGGER_OPTIONS', '--merge-idle needs --merge or --merge-start');
  return false;
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    throw new TaggerFault('TAGGER_OPTIONS', `--merge-start: ${(error as Error).message}`);
  }
}
