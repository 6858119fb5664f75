import type {Readable, Writable} from 'node:stream';

export interface TaggerOptions {
  readonly sink: Writable;
  /** Default 'iso'. */
  readonly timestamps?: 'iso' | 'none' | undefined;
  /** Default 'text'. */
  readonly format?: 'text' | 'json' | undefined;
  /** A longer line is cut there. Default 65536. */
  readonly maxLineBytes?: number | undefined;
}

export interface TaggerSource {
  readonly tag: string;
  readonly stream: Readable;
  readonly kind?: 'out' | 'err' | undefined;
}

export interface Tagger extends AsyncDisposable {
  /** Resolves when that source has ended and its last byte is in the sink. */
  attach(source: TaggerSource): Promise<void>;
  /** A line (or several) of the supervisor's own. */
  note(tag: string, text: string): void;
  /** Resolves when every attached source has ended and everything is in the sink. The sink itself stays open. */
  close(): Promise<void>;
}

export function createTagger(_options: TaggerOptions): Tagger {
  throw new Error('soon');
}
