import {readdirSync, readFileSync} from 'node:fs';
import {expect, test} from '@jest/globals';
import {until} from '@keelson/test-kit';
import {rolling, type Rolling} from './rolls.ts';

const WORKERS = 8;
const RESTARTS = 1000;

/** What a process holds: descriptors, resident memory, children that nobody has read the end of. */
function holds(pid: number) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(parent) === pid ? [state!] : [];
      } catch {
        return [];
      }
    });
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    mebibytes: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024),
    children: children.length,
    zombies: children.filter((state) => state === 'Z').length,
  };
}

async function serving({control}: Rolling): Promise<number[]> {
  const {generations} = await control.status();
  return generations[0]!.instances[0]!.workers.flatMap(({pid, state}) => (state === 'open' ? [pid!] : []));
}

// Half of the restarts are crashes, half are asked for.
test(
  `${RESTARTS} worker restarts leave nothing behind in the supervisor`,
  async () => {
    await using service = await rolling({
      framework: 'plain',
      workers: WORKERS,
      flags: ['--start-limit', '0'],
    });
    let restarts = 0;
    let settled: ReturnType<typeof holds> | undefined;
    while (restarts < RESTARTS) {
      const victims = await serving(service);
      for (const pid of victims) process.kill(pid, 'SIGKILL');
      await until(
        async () => {
          const now = await serving(service);
          return now.length === WORKERS && now.every((pid) => !victims.includes(pid));
        },
        {timeoutMs: 60_000},
      );
      // A start that was asked for also ends the count of failures, so that the next crash waits no longer.
      expect(await service.control.restart({wait: true})).toMatchObject({state: 'done'});
      restarts += 2 * WORKERS;
      if (restarts >= 400) settled ??= holds(service.pid);
    }
    const last = holds(service.pid);
    const text = (what: object): string => JSON.stringify(what);
    process.stdout.write(`after 400: ${text(settled!)}; after ${restarts}: ${text(last)}\n`);
    expect(last.zombies).toBe(0);
    expect(last.children).toBe(settled!.children);
    expect(Math.abs(last.descriptors - settled!.descriptors)).toBeLessThanOrEqual(5);
    expect(last.mebibytes).toBeLessThanOrEqual(settled!.mebibytes + 10);
  },
  30 * 60_000,
);
