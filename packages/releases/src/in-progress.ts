import {randomUUID} from 'node:crypto';
import {writeAtomic} from '@keelson/atomic-fs';
import type {Change} from './journal.ts';
import type {Layout} from './layout.ts';
import {readIfThere} from './release-store.ts';

/** What is being done to a deploy root, so that it can be told should it be killed. */
export interface InProgress {
  readonly what: Change;
  readonly release: number;
  readonly attempt: string;
  readonly reason: string;
  readonly pid: number;
  readonly at: string;
}

export async function writeProgress(
  layout: Layout,
  begun: Pick<InProgress, 'what' | 'release' | 'reason'>,
): Promise<string> {
  const attempt = randomUUID();
  const progress: InProgress = {...begun, attempt, pid: process.pid, at: new Date().toISOString()};
  await writeAtomic(layout.inProgress, `${JSON.stringify(progress)}\n`, {mode: 0o600});
  return attempt;
}

export async function readProgress(layout: Layout): Promise<InProgress | undefined> {
  const text = await readIfThere(layout.inProgress);
  return text === undefined ? undefined : (JSON.parse(text) as InProgress);
}
