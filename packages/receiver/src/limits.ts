export interface ReceiverLimits {
  /** Of one push over the wire. Default 2 GiB. */
  readonly bodyBytes: number;
  /** Of the files in a pushed tree together. Default 2 GiB. */
  readonly treeBytes: number;
  /** Files in a pushed tree. Default 200 000. */
  readonly files: number;
  /** How long a pusher may send nothing before the end of its push. Default 60 000. */
  readonly stallMs: number;
  /** How long sending a push may take altogether. Default 3 600 000, an hour. */
  readonly sendMs: number;
  /** How long `accept` may take. Default 3 600 000, an hour. */
  readonly acceptMs: number;
  /** How many pushes and fetches are served at the same time; as many again as ten times that may wait. Default 32. */
  readonly atOnce: number;
  /** How long closing waits for running pushes before it aborts them, and then for their end. Default 10 000. */
  readonly closeMs: number;
}

/** The answer to what is over `bodyBytes`. */
export function tooLarge(bodyBytes: number): {readonly status: 413; readonly because: string} {
  return {status: 413, because: `A push may have ${bodyBytes} bytes here.`};
}

const HOUR_MS = 3_600_000;

export const DEFAULT_LIMITS: ReceiverLimits = {
  bodyBytes: 2 * 1024 ** 3,
  treeBytes: 2 * 1024 ** 3,
  files: 200_000,
  stallMs: 60_000,
  sendMs: HOUR_MS,
  acceptMs: HOUR_MS,
  atOnce: 32,
  closeMs: 10_000,
};
