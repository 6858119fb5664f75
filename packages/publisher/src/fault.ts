import {Fault, type FaultOptions} from '@keelson/step';

export type PublisherFaultCode =
  | 'PUBLISHER_DESTINATION'
  | 'PUBLISHER_NOTHING'
  | 'PUBLISHER_AUTH'
  | 'PUBLISHER_UNREACHABLE'
  | 'PUBLISHER_REMOTE'
  | 'PUBLISHER_THEN';

export interface PublisherFaultOptions extends FaultOptions {
  /** The other side named a time to wait before the next try. */
  readonly retryAfterMs?: number | undefined;
}

export class PublisherFault extends Fault<PublisherFaultCode> {
  readonly retryAfterMs: number | undefined;

  constructor(code: PublisherFaultCode, message: string, options: PublisherFaultOptions = {}) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}
