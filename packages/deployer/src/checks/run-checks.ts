import {setTimeout as delay} from 'node:timers/promises';
import type {Rights} from '@keelson/preparer';
import type {HealthCheck} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';
import type {Refusal} from '../attempt.ts';
import type {DeployEvent} from '../deployment.ts';
import {runLine} from '../run-line.ts';
import type {Reach, Readiness, Runtime} from '../runtime.ts';
import {whyOtherAnswer} from './http.ts';
import {whyNotListening} from './tcp.ts';

export interface CheckPlace<G> {
  readonly runtime: Runtime<G>;
  readonly generation: G;
  /** Where instances answer: privately when the runtime knows, else on their ports. */
  readonly reaches: readonly Reach[];
  /** The ports of instances, by their names. */
  readonly ports: Readonly<Record<string, number>>;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly rights: Rights;
  readonly tell: (event: DeployEvent) => void;
}

/** Undefined: it holds. */
type Verdict = Refusal | undefined;
type Kind = 'tcp' | 'http' | 'command' | 'staysUpMs' | 'log';
type Of<K extends Kind> = Extract<HealthCheck, {readonly [key in K]: unknown}>;
type Runner<K extends Kind> = <G>(
  check: Of<K>,
  place: CheckPlace<G>,
  options: CheckOptions,
) => Promise<Verdict>;
type CheckOptions = Pick<StepOptions, 'signal'>;

const TIMEOUT_MS = 30_000;
const POLL_MS = 100;
const MOST_LINES = 20;

const RUNNERS: {readonly [K in Kind]: Runner<K>} = {
  tcp: (check, place, options) =>
    ofEach(reachesOf(check.tcp, place), check, {...options, why: whyNotListening}),
  http: (check, place, options) =>
    ofEach(place.reaches, check, {...options, why: (reach) => whyOtherAnswer(check, reach)}),
  async command({command, timeoutMs = TIMEOUT_MS}, {cwd, env, rights, tell}, options) {
    const onLine = (line: string) => tell({type: 'deploy:action-printed', action: 'check', line});
    return runLine({command, cwd, env, rights, what: 'the check', timeoutMs, onLine}, options);
  },
  async staysUpMs({staysUpMs}, {runtime, generation}, options) {
    return refusalOf(await runtime.watch(generation, staysUpMs, options));
  },
  async log({log, timeoutMs}, {runtime, generation}, options) {
    const expression = new RegExp(log);
    if (runtime.printed === undefined)
      return {because: `nobody knows here what instances print: /${log}/ cannot be checked`, output: []};
    const silent = () =>
      [...runtime.printed!(generation)].find(([, lines]) => !lines.some((line) => expression.test(line)));
    const why = async () => {
      const [instance, lines] = silent() ?? [];
      return instance === undefined
        ? undefined
        : {because: `${instance}: no line matches /${log}/`, output: (lines ?? []).slice(-MOST_LINES)};
    };
    return within(timeoutMs ?? TIMEOUT_MS, why, options);
  },
};

/** A port of the app's own stands for where its instance answers: until the switch the version before has the port. */
function reachesOf<G>(tcp: true | number, {reaches, ports}: CheckPlace<G>): readonly Reach[] {
  if (tcp === true) return reaches;
  const own = reaches.filter(({instance}) => ports[instance] === tcp);
  return own.length > 0 ? own : [{instance: `port ${tcp}`, host: '127.0.0.1', port: tcp}];
}

/** Whether a check needs to reach instances: then it can only be made where these listen. */
export function needsReach(check: HealthCheck): boolean {
  return 'http' in check || 'tcp' in check;
}

/** Makes checks one after the other; the first that does not hold within its time is the refusal. */
export async function runChecks<G>(
  checks: readonly HealthCheck[],
  place: CheckPlace<G>,
  options: CheckOptions,
): Promise<Verdict> {
  for (const check of checks) {
    const kind = kindOf(check);
    const failed = await (RUNNERS[kind] as Runner<Kind>)(check as never, place, options);
    if (failed !== undefined) return failed;
    place.tell({type: 'deploy:check-passed', check: describe(check)});
  }
  return undefined;
}

function kindOf(check: HealthCheck): Kind {
  return (Object.keys(RUNNERS) as Kind[]).find((kind) => kind in check)!;
}

/** `http /up`, `tcp`, `command node check.js` */
function describe(check: HealthCheck): string {
  const kind = kindOf(check);
  const value: unknown = (check as unknown as Record<Kind, unknown>)[kind];
  return value === true ? kind : `${kind.replace('staysUpMs', 'stays up, ms')} ${String(value)}`;
}

interface EachOptions extends CheckOptions {
  readonly why: (reach: Reach) => Promise<string | undefined>;
}

async function ofEach(
  reaches: readonly Reach[],
  {timeoutMs = TIMEOUT_MS}: {readonly timeoutMs?: number | undefined},
  {why, signal}: EachOptions,
): Promise<Verdict> {
  if (reaches.length === 0) return {because: 'there is no instance with a port to check', output: []};
  for (const reach of reaches) {
    const because = async () => {
      const said = await why(reach);
      return said === undefined ? undefined : {because: `${reach.instance}: ${said}`, output: []};
    };
    const failed = await within(timeoutMs, because, {signal});
    if (failed !== undefined) return failed;
  }
  return undefined;
}

/** Asks again and again until it holds or the time is over; at least once. */
async function within(
  timeoutMs: number,
  why: () => Promise<Verdict>,
  {signal}: CheckOptions,
): Promise<Verdict> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const because = await why();
    if (because === undefined || performance.now() >= deadline) return because;
    await delay(POLL_MS);
  }
}

function refusalOf(readiness: Readiness): Verdict {
  if (readiness.state === 'ready') return undefined;
  const {instance, because, output} = readiness;
  return {because: `${instance}: ${because}`, output};
}
