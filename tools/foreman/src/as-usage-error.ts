import {isFault} from '@keelson/step';

// Of the formation; of --ready, --depends and --proxy.
const TYPED = ['FORMATION_SYNTAX', 'FOREMAN_ARGUMENT'];

/** What is wrong with a word of the command line is wrong with the command line (exit 2). */
export async function asUsageError(error: unknown): Promise<unknown> {
  if (!isFault(error) || !TYPED.includes(error.code)) return error;
  const {UsageError} = await import('@keelson/cli-kit');
  return new UsageError(error.message, error.hint);
}
