import {readSync, writeSync} from 'node:fs';

/** The lines up to a flush packet, or to the end (gitprotocol-common(5), "pkt-line"). Blocks. */
export function readPackets(fd: number): string[] {
  const lines: string[] = [];
  for (;;) {
    const length = Number.parseInt(read(fd, 4), 16);
    if (!(length >= 4)) return lines;
    lines.push(read(fd, length - 4).replace(/\n$/, ''));
  }
}

/** Lines, and a flush packet. */
export function writePackets(fd: number, lines: readonly string[]): void {
  const packets = lines.map(
    (line) => `${(Buffer.byteLength(line) + 4).toString(16).padStart(4, '0')}${line}`,
  );
  writeSync(fd, `${packets.join('')}0000`);
}

function read(fd: number, length: number): string {
  const bytes = Buffer.alloc(length);
  let at = 0;
  while (at < length) {
    const count = readSync(fd, bytes, at, length - at, null);
    if (count === 0) break;
    at += count;
  }
  return bytes.toString('utf8', 0, at);
}
