import type {LogLine} from './control-protocol.ts';
import {createLineSplitter, type LineSplitter} from './control-lines.ts';

type Kind = LogLine['stream'];

interface Chunk {
  readonly kind: Kind;
  readonly time: number;
  readonly data: Buffer;
}

/** Per process. Chunks and not lines are kept: a line costs something only when somebody asks for it. */
const MAX_BYTES = 128 * 1024;
const MAX_CHUNKS = 4096;

/** What a process printed last, bounded whatever it prints. */
export class OutputHistory {
  readonly #name: string;
  readonly #chunks: Chunk[] = [];
  #bytes = 0;
  /** The first line of a stream may have lost its beginning. */
  readonly #cut = new Set<Kind>();

  constructor(name: string) {
    this.#name = name;
  }

  add(kind: Kind, data: Buffer): void {
    const kept = data.length > MAX_BYTES ? Buffer.from(data.subarray(-MAX_BYTES)) : data;
    if (kept !== data) this.#cut.add(kind);
    this.#chunks.push({kind, time: Date.now(), data: kept});
    this.#bytes += kept.length;
    while (this.#chunks.length > MAX_CHUNKS || this.#bytes - this.#chunks[0]!.data.length >= MAX_BYTES) {
      const oldest = this.#chunks.shift()!;
      this.#bytes -= oldest.data.length;
      this.#cut.add(oldest.kind);
    }
  }

  /** The lines, and the splitter that goes on with what comes. */
  lines(): {readonly lines: LogLine[]; readonly splitter: LineSplitter} {
    const splitter = createLineSplitter(this.#name);
    const skipped = new Set(this.#cut);
    const lines = this.#chunks.flatMap(({kind, time, data}) => {
      if (!skipped.has(kind)) return splitter.push(kind, data, time);
      const end = data.indexOf(10);
      if (end === -1) return [];
      skipped.delete(kind);
      return splitter.push(kind, data.subarray(end + 1), time);
    });
    return {lines, splitter};
  }
}
