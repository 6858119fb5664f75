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

export interface Load {
  /** Sends nothing more, waits for what is under way, and reports. */
  stop(): Promise<LoadReport>;
}

const THINK_MS = 5;
const TIMEOUT_MS = 10_000;

/**
 * Loads a page over keep-alive connections until it is stopped. It never retries: a request that was sent and did not get a
 * complete 200 has failed, a connection closed before its answer included.
 */
export function startLoad(url: string, {connections}: {readonly connections: number}): Load {
  const agent = new Agent({keepAlive: true, maxSockets: connections});
  const counts = {
    sent: 0,
    failed: 0,
    reasons: {} as Record<string, number>,
    versions: {} as Record<string, number>,
  };
  let stopping = false;

  const one = async (): Promise<void> => {
    while (!stopping) {
      counts.sent++;
      try {
        const version = await ask(url, agent);
        counts.versions[version] = (counts.versions[version] ?? 0) + 1;
      } catch (error) {
        counts.failed++;
        const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
        counts.reasons[reason] = (counts.reasons[reason] ?? 0) + 1;
      }
      await sleep(THINK_MS);
    }
  };
  const clients = Array.from({length: connections}, one);
  return {
    async stop() {
      stopping = true;
      await Promise.all(clients);
      agent.destroy();
      return counts;
    },
  };
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
