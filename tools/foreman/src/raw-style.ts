import type {Readable} from 'node:stream';

import type {FormatOptions, LineFormat} from '@keelson/log-tagger';

/**
 * Nothing but the bytes of each process, in whole lines. A last line without a newline gets none either, unless something
 * follows it.
 */
export interface RawStyle {
  readonly format: (options: FormatOptions) => LineFormat;
  /** To be called before the stream is attached. */
  watch(tag: string, stream: Readable): void;
}

export function rawStyle(): RawStyle {
  /** The sink stands behind a line without a newline. */
  let open = false;
  const ends = new Map<string, {ended: boolean}>();
  return {
    watch(tag, stream) {
      const end = {ended: false};
      ends.set(tag, end);
      stream.once('end', () => (end.ended = true));
    },
    format({tag}) {
      const end = ends.get(tag);
      const after = (text: string) => {
        const before = open ? '\n' : '';
        open = false;
        return before + text;
      };
      return {
        lines(block) {
          const text = after(block);
          // What comes after the end is what came after the last newline.
          if (end?.ended === true) {
            open = true;
            return text;
          }
          return `${text}\n`;
        },
        piece(block, more) {
          const text = after(block);
          return more ? text : `${text}\n`;
        },
      };
    },
  };
}
