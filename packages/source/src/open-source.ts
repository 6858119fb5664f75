import type {StepOptions} from '@keelson/step';
import type {Source} from './source.ts';

/** A source made local, in a private folder that may be changed. Disposing removes it. */
export interface Checkout extends AsyncDisposable {
  readonly kind: 'checkout';
  /** Absolute; nobody else can read it. */
  readonly dir: string;
  /** Without credentials. */
  readonly from: Source;
  readonly revision?: string | undefined;
  /** Without credentials. */
  readonly origin?: string | undefined;
  readonly dirty?: boolean | undefined;
}

export async function openSource(source: Source, options: StepOptions = {}): Promise<Checkout> {
  options.signal?.throwIfAborted();
  throw new TypeError(source.kind);
}
