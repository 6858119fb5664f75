import type {Publication} from '../publication.ts';

/** What a receiver says, one JSON value in a line. */
export type ReceiverMessage =
  | {readonly kind: 'line'; readonly text: string}
  | {readonly kind: 'offset'; readonly offset: number}
  | {
      readonly kind: 'result';
      readonly result: Publication['result'];
      readonly revision: string;
      /** Why it was refused, in lines. */
      readonly because: readonly string[];
      /** Trying again may help. */
      readonly temporary: boolean;
    };

/** Reads a line of a receiver; undefined for what is none of its messages. */
export function resultOf(line: string): ReceiverMessage | undefined {
  let value: Record<string, unknown>;
  try {
    value = (JSON.parse(line) ?? {}) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const {kind, text, offset, result, revision, because, temporary} = value;
  if (kind === 'line' && typeof text === 'string') return {kind, text};
  if (kind === 'offset' && Number.isSafeInteger(offset) && (offset as number) >= 0)
    return {kind, offset: offset as number};
  if (kind !== 'result' || (result !== 'published' && result !== 'already-published' && result !== 'refused'))
    return undefined;
  return {
    kind,
    result,
    revision: typeof revision === 'string' ? revision : '',
    because: typeof because === 'string' && because !== '' ? because.split('\n') : [],
    temporary: result === 'refused' && temporary === true,
  };
}
