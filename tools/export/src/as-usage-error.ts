import {UsageError} from '@keelson/cli-kit';
import {isFault} from '@keelson/step';

// Of --formation, --memory and --set.
const TYPED = ['FORMATION_SYNTAX', 'LIMITS_SIZE', 'EXPORT_SETTING'];

/** What is wrong with a word of the command line is wrong with the command line (exit 2); of --app only where the name isn't derived. */
export function asUsageError(error: unknown, {app}: {readonly app?: string | undefined}): unknown {
  if (!isFault(error)) return error;
  const isTyped = TYPED.includes(error.code) || (error.code === 'EXPORT_NAME' && app !== undefined);
  return isTyped ? new UsageError(error.message, error.hint) : error;
}
