import type {StepOptions} from '@keelson/step';
import {buildFirst} from './chapters/build-first.ts';
import {exportUnits} from './chapters/export-units.ts';
import {handOver} from './chapters/hand-over.ts';
import {publishFirst} from './chapters/publish-first.ts';
import {refuseBroken} from './chapters/refuse-broken.ts';
import {rollBack} from './chapters/roll-back.ts';
import {showLogs} from './chapters/show-logs.ts';
import {startReceiving} from './chapters/start-receiving.ts';
import {stopAll} from './chapters/stop-all.ts';
import {openStage, type Stage} from './stage.ts';

export type DemoEvent =
  | {
      readonly type: 'demo:chapter-began';
      readonly number: number;
      readonly of: number;
      readonly title: string;
    }
  | {readonly type: 'demo:command-ran'; readonly command: string}
  | {readonly type: 'demo:line-came'; readonly line: string}
  | {readonly type: 'demo:found'; readonly fact: string};

export interface DemoOptions extends StepOptions<DemoEvent> {
  /** Leave the last version serving when the demo ends. Default false. */
  readonly keep?: boolean | undefined;
}

/** What a chapter did: plain facts, such as `{sent, failed}` or `{url}`. */
export type Facts = Readonly<Record<string, unknown>>;

export interface DemoReport {
  readonly kind: 'demo';
  readonly seconds: number;
  readonly url: string;
  readonly chapters: readonly {readonly title: string; readonly seconds: number; readonly facts: Facts}[];
}

const CHAPTERS: readonly (readonly [title: string, play: (stage: Stage) => Promise<Facts>])[] = [
  ['Build the guestbook into an archive', buildFirst],
  ['Start a receiver on loopback', startReceiving],
  ['Publish version 1 by git push; it is prepared, gated and serves', publishFirst],
  ['Deploy version 2 under keep-alive load', handOver],
  ['Push a version 3 that fails its health check', refuseBroken],
  ['Roll back to version 1', rollBack],
  ['Export the app to systemd units and verify them', exportUnits],
  ['Show the tagged logs', showLogs],
];

/** The main job, end to end, through the commands that a person would type. Whatever happens, it leaves nothing behind. */
export async function demo(options: DemoOptions = {}): Promise<DemoReport> {
  const started = performance.now();
  const plan =
    options.keep === true ? CHAPTERS : [...CHAPTERS, ['Stop; nothing is left running', stopAll] as const];
  await using stage = await openStage(options);
  const chapters = [];
  for (const [index, [title, play]] of plan.entries()) {
    options.signal?.throwIfAborted();
    options.onEvent?.({type: 'demo:chapter-began', number: index + 1, of: plan.length, title});
    const began = performance.now();
    const facts = await play(stage);
    chapters.push({title, seconds: secondsSince(began), facts});
  }
  options.signal?.throwIfAborted();
  const url = stage.appUrl;
  const seconds = secondsSince(started);
  stage.found(`the whole way took ${seconds.toFixed(0)} s`);
  if (options.keep === true) stage.leaveServing();
  return {kind: 'demo', seconds, url, chapters};
}

function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 100) / 10;
}
