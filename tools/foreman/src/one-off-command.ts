import type {LaunchSpec} from '@keelson/spawn';

import type {ForemanApp} from './read-app.ts';

/**
 * What `run` is to run: of a single word the process of that name, else a line for the shell; several words are a program and
 * its arguments, which no shell looks at.
 */
export function oneOffCommand(
  words: readonly string[],
  {procfile}: Pick<ForemanApp, 'procfile'>,
): Pick<LaunchSpec, 'command' | 'args' | 'shell'> {
  const [first = '', ...args] = words;
  if (args.length > 0) return {command: first, args};
  const type = procfile.types.find(({name}) => name === first);
  return {command: type?.command ?? first, shell: true};
}
