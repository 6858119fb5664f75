// The part of @lydell/node-pty that opens a terminal without starting a process in it. Its own `open` does more (it reads
// what was typed, too) and leaves a descriptor behind.
declare module '@lydell/node-pty/requireBinary.js' {
  export function requireBinary(file: 'pty.node'): {
    open(
      columns: number,
      rows: number,
    ): {readonly master: number; readonly slave: number; readonly pty: string};
    resize(master: number, columns: number, rows: number): void;
  };
}
