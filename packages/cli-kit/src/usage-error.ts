/** The command line itself is wrong: message and hint on stderr, exit 2. */
export class UsageError extends Error {
  readonly hint: string | undefined;

  /** @param hint what to type instead; default: where the help is */
  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}
