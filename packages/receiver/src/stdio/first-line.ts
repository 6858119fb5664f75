import type {Readable} from 'node:stream';

const BYTES_MAX = 8192;

/** The first line of a stream, and the rest of what came with it put back; undefined when it ends or goes on without a newline. */
export async function firstLine(stream: Readable): Promise<string | undefined> {
  let seen = Buffer.alloc(0);
  return new Promise((resolve) => {
    const done = (line: string | undefined) => {
      stream.off('readable', read);
      stream.off('end', end);
      stream.off('close', end);
      stream.off('error', end);
      resolve(line);
    };
    const end = () => done(undefined);
    const read = () => {
      for (
        let chunk = stream.read() as Buffer | null;
        chunk !== null;
        chunk = stream.read() as Buffer | null
      ) {
        seen = Buffer.concat([seen, chunk]);
        const at = seen.indexOf(10);
        if (at < 0 && seen.length <= BYTES_MAX) continue;
        if (at < 0 || at > BYTES_MAX) return done(undefined);
        const rest = seen.subarray(at + 1);
        done(seen.subarray(0, at).toString('utf8'));
        if (rest.length > 0) stream.unshift(rest);
        return;
      }
    };
    stream.on('readable', read);
    stream.on('end', end);
    stream.on('close', end);
    stream.on('error', end);
    read();
  });
}
