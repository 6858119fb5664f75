import {Flags, UsageError} from '@keelson/cli-kit';
import type {Usr2} from './obey-signals.ts';

/** As `parseUsr2` reads it. */
export const usr2Flag = Flags.custom<Usr2>({
  summary: 'What SIGUSR2 does: pass gives it to the workers.',
  helpValue: 'roll|restart|reopen|pass',
  default: 'roll',
  parse: async (text) => {
    const {parseUsr2} = await import('./parse-usr2.ts');
    const word = parseUsr2(text);
    if (word !== undefined) return word;
    throw new UsageError(`it is roll, restart, reopen or pass, not ${text}`);
  },
});
