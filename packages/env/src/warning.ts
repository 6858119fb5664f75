/** Something that is allowed, but perhaps not meant. Never holds a value. */
export interface EnvWarning {
  /**
   * `dialect`: other tools read another value; told once for each difference and file. `duplicate`: a name that is set twice in one
   * file. `skipped`: a line that is no assignment. `unset`: a reference to a name that nothing sets.
   */
  readonly kind: 'dialect' | 'duplicate' | 'skipped' | 'unset';
  readonly path: string;
  readonly line: number;
  /** One sentence without the place. */
  readonly message: string;
}
