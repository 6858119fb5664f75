import type {Procfile} from './procfile.ts';

/** Something that is allowed, but hardly meant. */
export interface ProcfileWarning {
  readonly path: string;
  readonly line: number;
  /** One sentence without the place. */
  readonly message: string;
}

/** What is allowed in a Procfile, but hardly meant, in the order of its lines. `path` is how the file is called. */
export function procfileWarnings(procfile: Procfile, path = 'Procfile'): ProcfileWarning[] {
  if (procfile.types.length === 0) return [{path, line: 1, message: 'no processes defined'}];
  const spellings = new Map<string, string>();
  return procfile.types.flatMap(({name, command, line}) => {
    const other = spellings.get(name.toLowerCase());
    if (other === undefined) spellings.set(name.toLowerCase(), name);
    const messages = [
      other !== undefined && `${name} and ${other} differ only in upper and lower case`,
      name === 'all' && 'a formation cannot tell the process all from all=N, which means every process',
      name.startsWith('-') && `a command line takes ${name} for a flag: write -- in front of it there`,
      command.startsWith('//') && `${name} is taken for a process, though the line looks like a URL`,
      /(?<!\\)(?:\\\\)*\\$/.test(command) &&
        `the command of ${name} ends in \\: a Procfile has no continuation lines, the shell gets it as it is`,
    ];
    return messages.filter((message) => message !== false).map((message) => ({path, line, message}));
  });
}
