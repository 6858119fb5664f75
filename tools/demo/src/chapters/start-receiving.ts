import type {Facts} from '../demo.ts';
import {startServer} from '../running-server.ts';
import type {Stage} from '../stage.ts';

/** One process receives pushes and will supervise what they bring. */
export async function startReceiving(stage: Stage): Promise<Facts> {
  stage.server = await startServer(stage);
  stage.found(`pushes arrive at ${stage.server.url}`);
  return {url: stage.server.url, pid: stage.server.pid};
}
