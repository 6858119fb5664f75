// A registered symbol and not `instanceof`: it holds across realms (Jest) and across two installed copies of this package.
const BRAND = Symbol.for('@keelson/step/fault');

export interface FaultOptions {
  /** What the user can do about it, as a sentence. */
  readonly hint?: string | undefined;
  /** True when trying again may help (network, lock): maps to exit code 75. Default false. */
  readonly temporary?: boolean | undefined;
  readonly cause?: unknown;
}

/** A failure with a code from a closed union. Each package derives one class: `class GitFault extends Fault<'GIT_…'>`. */
export abstract class Fault<C extends string = string> extends Error {
  readonly code: C;
  readonly hint: string | undefined;
  readonly temporary: boolean;

  constructor(code: C, message: string, options: FaultOptions = {}) {
    super(message, 'cause' in options ? {cause: options.cause} : undefined);
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
    this.temporary = options.temporary ?? false;
    Object.defineProperty(this, BRAND, {value: true});
  }
}

/** True for a Fault of any Keelson package, also of another copy or realm. */
export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && BRAND in value;
}
