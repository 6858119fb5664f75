// The part of tar-stream 3 that we use; the package brings no types.
declare module 'tar-stream' {
  import type {Duplex, Writable} from 'node:stream';

  export interface Headers {
    readonly name: string;
    readonly type?: 'file' | 'symlink';
    readonly linkname?: string;
    readonly mode?: number;
    readonly mtime?: Date;
    readonly size?: number;
    readonly uid?: number;
    readonly gid?: number;
    readonly uname?: string;
    readonly gname?: string;
  }

  export interface Pack extends Duplex {
    /** The body of an entry; `done` is called when it is through. */
    entry(headers: Headers, done?: (error?: Error | null) => void): Writable;
    finalize(): void;
  }

  export function pack(): Pack;
}
