/** Prints the version, and says so, when that is all that a command line asks for. @param root folder of the bin's package.json */
export function answerVersion(root: string, argv: readonly string[]): boolean;
