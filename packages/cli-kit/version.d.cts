export interface PackageFacts {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
}

/** What package.json of a folder says. */
export function factsOf(root: string): PackageFacts;

/** Prints the version, and says so, when that is all that a command line asks for. @param root folder of the bin's package.json */
export function answerVersion(root: string, argv: readonly string[]): boolean;
