import {UsageError} from '@keelson/cli-kit';
import {isFault} from '@keelson/step';

import {parseFormation, type Formation} from './formation.ts';

/** A formation that was typed: what is wrong with it is wrong with the command line (exit 2). */
export function formationArgument(text: string | undefined): Formation | undefined {
  if (text === undefined) return undefined;
  try {
    return parseFormation(text);
  } catch (error) {
    if (isFault(error)) throw new UsageError(error.message, error.hint);
    throw error;
  }
}
