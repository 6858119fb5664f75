import type {Deployment} from '@keelson/deployer';
import {openApp} from '@keelson/preparer';
import {deployArchive} from './deploy-archive.ts';
import {resultLines} from './deploy-line.ts';
import {deployPlace, type PlaceWanted} from './deploy-place.ts';
import type {From} from './origin-flags.ts';
import {deployNewest, type NewestWay, type Unchanged} from './origin/deploy-newest.ts';
import {follow, type Followed} from './origin/follow.ts';

export interface FromWay extends Omit<NewestWay, 'wanted'> {
  /** The value of `-`. */
  readonly readValue: (word: string) => Promise<unknown>;
  readonly print: (line: string) => void;
}

/** Deploys what the words of a command name, and prints how it ended. Faults: those of each way. */
export async function deployFrom(
  from: From,
  wanted: PlaceWanted,
  way: FromWay,
): Promise<Deployment | Unchanged | Followed> {
  const {signal} = way.step;
  if (from.kind === 'archive') {
    const app = await openApp(await way.readValue(from.archive), {signal});
    const place = await deployPlace(wanted);
    return told(await deployArchive(app, place, way), place.app, way);
  }
  const place = await deployPlace(wanted);
  const {origin, everyMs} = from;
  if (everyMs === undefined) return told((await deployNewest(origin, place, way))!, place.app, way);
  const onDeployment = (done: Deployment | Unchanged) => void told(done, place.app, way);
  return follow(origin, place, {...way, everyMs, onDeployment});
}

function told<T extends Deployment | Unchanged>(done: T, app: string, {print}: FromWay): T {
  const lines = done.result === 'unchanged' ? [`${app}: ${done.because}`] : resultLines(app, done);
  for (const line of lines) print(line);
  return done;
}
