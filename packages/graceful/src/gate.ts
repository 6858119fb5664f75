import type {ListenOptions, Server} from 'node:net';
import type {StepOptions} from '@keelson/step';

export interface GateOptions extends StepOptions {
  /** Where the server listens before it is let in: a unix socket path or a private port. */
  readonly private?: ListenOptions | undefined;
}

export interface Gate extends AsyncDisposable {
  /** Accept on the public address; connections appear on the gated server. */
  open(): Promise<void>;
  close(): Promise<void>;
}

export async function gate(_server: Server, _options: GateOptions = {}): Promise<Gate> {
  throw new Error('being written');
}
