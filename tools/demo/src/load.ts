import {Agent, get} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';

export interface LoadReport {
  readonly sent: number;
  readonly failed: number;
  /** Why requests failed, each reason with its count. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Answers by the version that the page names. */
  readonly versions: Readonly<Record<string, number>>;
}

// The load is to find what is lost, not to take the CPUs from the deploy.
const THINK_MS = 25;
const TIMEOUT_MS = 10_000;

/**
 * Loads a page over keep-alive connections while `act` runs. It never retries: a request that was sent and did not get a complete 200
 * has failed, a connection closed before its answer included. What is under way when `act` ends is waited for.
 */
export async function underLoad<T>(
  visitors: {readonly url: string; readonly connections: number},
  act: () => Promise<T>,
): Promise<{value: T; load: LoadReport}> {
  const {url, connections} = visitors;
  const agent = new Agent({keepAlive: true, maxSockets: connections});
  const load = {
    sent: 0,
    failed: 0,
    reasons: {} as Record<string, number>,
    versions: {} as Record<string, number>,
  };
  let stopping = false;
  const visit = async (): Promise<void> => {
    while (!stopping) {
      load.sent++;
      try {
        count(load.versions, await ask(url, agent));
      } catch (error) {
        load.failed++;
        count(load.reasons, (error as NodeJS.ErrnoException).code ?? (error as Error).message);
      }
      await sleep(THINK_MS);
    }
  };
  const all = Promise.all(Array.from({length: connections}, visit));
  try {
    return {value: await act(), load};
  } finally {
    stopping = true;
    await all;
    agent.destroy();
  }
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** One request; the version that the answer names. */
function ask(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, {agent, timeout: TIMEOUT_MS}, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        else resolve(/\bv?(\d+\.\d+\.\d+)\b/.exec(body)?.[1] ?? 'unknown');
      });
    });
    request.on('timeout', () => request.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
    request.on('error', reject);
  });
}
