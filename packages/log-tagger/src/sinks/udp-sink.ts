import {createSocket, type Socket} from 'node:dgram';
import {lookup} from 'node:dns/promises';
import {once} from 'node:events';

import type {Sink} from '../sink.ts';
import {countFrames, octetFrameEnd, octetMessage} from './frames.ts';
import {failedAfter, sinkError} from './sink-error.ts';

export interface UdpSinkOptions {
  readonly name: string;
  readonly format: Sink['format'];
  readonly host: string;
  readonly port: number;
}

/** Sends each octet-counted frame as one datagram. Nobody confirms them; only a port where nobody listens is noticed. */
export class UdpSink implements Sink {
  readonly name: string;
  readonly format: Sink['format'];
  readonly #options: UdpSinkOptions;
  #socket: Socket | undefined;
  /** The kernel tells of a port where nobody listens after the datagram, with the next. */
  #refused: Error | undefined;

  constructor(options: UdpSinkOptions) {
    this.name = options.name;
    this.format = options.format;
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#drop();
    const {host, port} = this.#options;
    const {address, family} = await lookup(host);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    // Connected: the name is looked up once, and an unreachable port is told.
    socket.connect(port, address);
    try {
      await once(socket, 'connect');
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('error', (error) => (this.#refused = error));
    this.#refused = undefined;
    socket.unref();
    this.#socket = socket;
  }

  async write(frames: string): Promise<void> {
    let written = 0;
    try {
      while (written < frames.length) {
        const {at, length} = octetMessage(frames, written);
        await this.#send(Buffer.from(frames.slice(at, at + length), 'latin1'));
        written = at + length;
      }
    } catch (error) {
      throw failedAfter(error, written);
    }
  }

  count(frames: string): number {
    return countFrames(frames, octetFrameEnd);
  }

  close(): Promise<void> {
    this.#drop();
    return Promise.resolve();
  }

  #send(message: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#refused) return reject(this.#refused);
      if (!this.#socket) return reject(sinkError('ENOTCONN', `${this.name} is not open`));
      this.#socket.send(message, (error) => (error ? reject(error) : resolve()));
    });
  }

  #drop(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}
