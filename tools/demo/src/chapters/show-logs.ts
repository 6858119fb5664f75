import type {Facts} from '../demo.ts';
import type {Stage} from '../stage.ts';

/** Each line of each process, with its time and its name. */
export async function showLogs(stage: Stage): Promise<Facts> {
  const {stdout} = await stage.keelson(['deploy', 'logs', 'guestbook', '--root', stage.root, '--lines', '8']);
  return {lines: stdout.split('\n').length - 1};
}
