import {SourceFault} from './fault.ts';

/** A name that is not UTF-8 comes with U+FFFD in it, and nobody finds the file under that. Faults: SOURCE_UNSAFE_NAME. */
export function refuseUnsafeName(path: string, where: string): void {
  if (!path.includes('\ufffd')) return;
  throw new SourceFault(
    'SOURCE_UNSAFE_NAME',
    `${JSON.stringify(path)} in ${where} has a name that is not UTF-8`,
    {hint: 'Rename it; or leave it out by .gitignore, in a git work tree.'},
  );
}
