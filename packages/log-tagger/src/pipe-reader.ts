import {Socket, type OnReadOpts, type SocketConstructorOpts} from 'node:net';

/**
 * The reading end of a pipe, as a Readable whose bytes go to `onText`, one character each, and not to 'data': they are read into
 * one buffer over and over, so that nothing is allocated for a chunk.
 */
export class PipeReader extends Socket {
  /** To be set before the event loop turns. */
  onText: (chunk: string) => void = () => {};

  constructor(fd: number) {
    const onread: OnReadOpts = {
      buffer: Buffer.allocUnsafeSlow(65_536),
      callback: (length, buffer) => {
        this.onText((buffer as Buffer).toString('latin1', 0, length));
        return true;
      },
    };
    // Documented for connect(), which hands it to this constructor.
    const options: SocketConstructorOpts & {onread: OnReadOpts} = {
      fd,
      readable: true,
      writable: false,
      onread,
    };
    super(options);
  }
}
