import {existsSync} from 'node:fs';
import type {Facts} from '../demo.ts';
import {expectThat} from '../fault.ts';
import type {Stage} from '../stage.ts';

/** The server drains the app and ends; its processes are looked for by their pids. */
export async function stopAll(stage: Stage): Promise<Facts> {
  const server = stage.server!;
  const {apps} = await server.status();
  const generations = apps.flatMap((app) => app.supervisor.generations);
  const workers = generations.flatMap((one) => one.instances).flatMap((one) => one.workers);
  const pids = [server.pid, ...workers.flatMap((worker) => worker.pid ?? [])];
  await server.stop();
  const left = pids.filter((pid) => existsSync(`/proc/${pid}`));
  expectThat(left.length === 0, `processes are left: ${left.join(', ')}`);
  stage.found(`${pids.length} processes stopped, none is left`);
  return {stopped: pids.length, left: left.length};
}
