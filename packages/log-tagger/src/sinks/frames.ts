/** Octet counting (RFC 6587 §3.4.1): the length of a message in front of it. */
export function octetFrame(message: string): string {
  return `${message.length} ${message}`;
}

/** A newline ends the message (RFC 6587 §3.4.2); those inside of it are written as rsyslog writes them. */
export function newlineFrame(message: string): string {
  return `${message.includes('\n') ? message.replaceAll('\n', '#012') : message}\n`;
}

/** Where a frame ends that begins at `start`. */
export type FrameEnd = (frames: string, start: number) => number;

export const octetFrameEnd: FrameEnd = (frames, start) => {
  const {at, length} = octetMessage(frames, start);
  return at + length;
};

export const newlineFrameEnd: FrameEnd = (frames, start) => {
  const newline = frames.indexOf('\n', start);
  return newline < 0 ? frames.length : newline + 1;
};

/** Where the message of an octet-counted frame begins, and how long it is. */
export function octetMessage(frames: string, start: number): {at: number; length: number} {
  const blank = frames.indexOf(' ', start);
  return {at: blank + 1, length: Number(frames.slice(start, blank))};
}

/** How many frames there are. */
export function countFrames(frames: string, frameEnd: FrameEnd): number {
  let count = 0;
  for (let at = 0; at < frames.length; at = frameEnd(frames, at)) count++;
  return count;
}

/** The end of as many whole frames as have no more than `max` characters together; of one at least. */
export function endOfFrames(
  frames: string,
  start: number,
  {max, frameEnd}: {max: number; frameEnd: FrameEnd},
): number {
  if (frames.length - start <= max) return frames.length;
  let end = frameEnd(frames, start);
  for (let next = end; next < frames.length; end = next) {
    next = frameEnd(frames, next);
    if (next - start > max) break;
  }
  return end;
}
