import {constants} from 'node:os';
import {isAbsolute} from 'node:path';
import type {Answers, Change, Question, Verb} from './control-protocol.ts';
import {SupervisorFault} from './fault.ts';
import {inspectWorkers} from './inspect-workers.ts';
import type {PluginHost} from './plugin-host.ts';
import type {Service} from './run-service.ts';
import type {WorkerQuestions} from './worker-questions.ts';
import type {Readiness} from './workload.ts';

type Asked<V extends Verb> = Extract<Question, {verb: V}>;
type Answer<V extends Verb> = (question: Asked<V>, service: Service, running: Running) => Promise<Answers[V]>;

/** What can be asked about. */
export interface Running {
  readonly service: Service;
  readonly plugins: PluginHost;
  readonly questions: WorkerQuestions;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isAbsolutePath = (value: unknown): boolean => typeof value === 'string' && isAbsolute(value);
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < 2 ** 31;

/** What each verb takes beside its name. */
const FIELDS: {readonly [V in Verb]: Readonly<Record<string, (value: unknown) => boolean>>} = {
  status: {},
  roll: {wait: isFlag},
  restart: {target: isText, wait: isFlag},
  resize: {target: isText, workers: Number.isInteger, wait: isFlag},
  stop: {wait: isFlag},
  drain: {noticeMs: isTime, reply: (value) => value === 503, wait: isFlag},
  logs: {target: isText},
  'log-level': {level: isText, target: isText},
  'heap-snapshot': {folder: isAbsolutePath, target: isText},
  'cpu-profile': {folder: isAbsolutePath, ms: isTime, target: isText},
  plugins: {},
  signal: {target: isText, signal: (value) => Object.hasOwn(constants.signals, String(value))},
};
const REQUIRED: {readonly [V in Verb]?: readonly string[]} = {
  resize: ['workers'],
  signal: ['signal'],
  'log-level': ['level'],
  'heap-snapshot': ['folder'],
  'cpu-profile': ['folder', 'ms'],
};

const ANSWER: {readonly [V in Verb]: Answer<V>} = {
  status: async (_, service) => service.status(),
  roll: (question, service) => change(question, () => service.roll()),
  restart: (question, service) => change(question, () => service.restart(question.target)),
  resize: (question, service) => change(question, () => service.resize(question.target, question.workers)),
  stop: (question, service) => change(question, async () => ended(service.stop())),
  drain: (question, service) =>
    change(question, async () => ended(service.drain(question.noticeMs ?? 0, question.reply))),
  logs: async ({target}, service) => ({kind: 'logs', workers: service.lines(target)}),
  'log-level': async ({level, target}, service) => ({
    kind: 'told',
    workers: service.send({type: 'log-level', level}, target),
  }),
  'heap-snapshot': (question, service, {questions}) => inspectWorkers(question, service, questions),
  'cpu-profile': (question, service, {questions}) => inspectWorkers(question, service, questions),
  plugins: async (_, __, {plugins}) => ({kind: 'plugins', plugins: plugins.list()}),
  signal: async ({signal, target}, service) => ({
    kind: 'signalled',
    signal,
    pids: service.signal(signal as NodeJS.Signals, target),
  }),
};

/**
 * Does what a line asks for.
 * @throws SupervisorFault SUPERVISOR_CONTROL_QUESTION, and those of the service
 */
export async function answerQuestion(line: string, running: Running): Promise<Answers[Verb]> {
  const question = parseQuestion(line);
  return (ANSWER[question.verb] as Answer<Verb>)(question as never, running.service, running);
}

function parseQuestion(line: string): Question {
  const refuse = (because: string): never => {
    throw new SupervisorFault('SUPERVISOR_CONTROL_QUESTION', `This question is not understood: ${because}`);
  };
  let question: unknown;
  try {
    question = JSON.parse(line);
  } catch {
    return refuse('it is not JSON');
  }
  if (typeof question !== 'object' || question === null || Array.isArray(question))
    return refuse('it is no object');
  const {verb, ...fields} = question as Record<string, unknown>;
  if (typeof verb !== 'string' || !Object.hasOwn(FIELDS, verb))
    return refuse(`there is no verb ${JSON.stringify(verb)}; there is ${Object.keys(FIELDS).join(', ')}`);
  const known = FIELDS[verb as Verb];
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(known, name)) refuse(`${verb} has no ${name}`);
    if (!known[name]!(value)) refuse(`${JSON.stringify(value)} is no value for ${name}`);
  }
  for (const name of REQUIRED[verb as Verb] ?? [])
    if (fields[name] === undefined) refuse(`${verb} needs ${name}`);
  return question as Question;
}

async function ended(end: Promise<void>): Promise<Readiness> {
  await end;
  return {state: 'ready'};
}

/** A change that nobody waits for is refused at once or goes on; its outcome is in the log and in the status. */
async function change(
  {verb, wait = false}: {readonly verb: Verb; readonly wait?: boolean | undefined},
  how: () => Promise<Readiness>,
): Promise<Change> {
  const done = how();
  if (!wait) {
    // What can be refused at once is: the promise of such a change is rejected before the next turn of the event loop.
    done.catch(() => {});
    await Promise.race([done, new Promise(setImmediate)]);
    return {kind: 'change', verb, state: 'begun'};
  }
  const {state, ...rest} = await done;
  if (state === 'ready') return {kind: 'change', verb, state: 'done'};
  return {
    kind: 'change',
    verb,
    state: 'refused',
    ...(rest as Omit<Extract<Readiness, {state: 'not-ready'}>, 'state'>),
  };
}
