import {duration, fileMode, type Settings} from './setting.ts';

export interface FifoSettings {
  /** How many milliseconds nobody may read before it counts as failed. Default 5000. */
  readonly wait?: number | undefined;
  /** Of a new fifo. Default 0600. */
  readonly mode?: number | undefined;
}

export interface FifoSpec extends FifoSettings {
  readonly kind: 'fifo';
  readonly path: string;
}

export const fifoSettings: Settings<FifoSettings> = {wait: duration, mode: fileMode};
