import {existsSync} from 'node:fs';
import {chmod, mkdir, readdir, readFile, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {writeAtomic} from '@keelson/atomic-fs';
import {giveFolder, giveOurs, type Readiness, type Runtime, type Workload} from '@keelson/deployer';
import {readReleases} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';
import {accountOf} from '../account.ts';
import {lastLogLines} from '../log-lines.ts';
import {logFile} from '../hosted-app.ts';
import {askRelease} from './ask-release.ts';
import {releaseFiles} from './release-socket.ts';
import {forgetFailure, isActive, journalLines, systemctl} from './systemctl.ts';
import {runtimeTarget} from '../link-runtime.ts';
import {
  appUnit,
  releaseUnit,
  socketUnit,
  unitFolder,
  unitsOf,
  wakeUnit,
  type SystemdApp,
  type Unit,
} from './systemd-units.ts';

/** A release that is a unit of systemd. */
export interface SystemdGeneration {
  readonly release: number;
  readonly ports: readonly number[];
  /** The longest that one of its processes gets to finish. */
  readonly graceMs: number;
}

/**
 * The `Runtime` port of a deploy, played by systemd: it holds the sockets and keeps the processes, a release is an instance of the
 * template `keelson-APP@.service`. Faults: SERVE_SYSTEMD, SERVE_PATH_TOO_LONG.
 */
export async function systemdRuntime(app: SystemdApp): Promise<Runtime<SystemdGeneration>> {
  const {name, root, scope} = app;
  const filesOf = ({release}: SystemdGeneration) => releaseFiles(root, release);
  const unitOf = ({release}: SystemdGeneration) => releaseUnit(name, release);
  const open: SystemdGeneration[] = await runningNow(app);
  /** The units of what ran before, while a generation can still be taken back. */
  const before = new Map<SystemdGeneration, readonly UnitFile[]>();

  const leave = async (generation: SystemdGeneration) => {
    const at = open.indexOf(generation);
    if (at >= 0) open.splice(at, 1);
    await systemctl(scope, ['stop', unitOf(generation)]);
    await forgetFailure(scope, unitOf(generation));
    const {workload, socket} = filesOf(generation);
    await rm(workload, {force: true});
    await rm(socket, {force: true});
    const removed = await removeSockets(app, new Set(open.flatMap(({ports}) => ports)));
    const there = before.get(generation) ?? [];
    if (there.length > 0) await writeUnits(app, there);
    else if (removed && open.length > 0) await writeUnits(app, await unitsFor(app, open));
  };
  /** What a question to its program says, or that it has ended. */
  const ask = async (
    generation: SystemdGeneration,
    path: string,
    {signal}: StepOptions,
  ): Promise<Readiness> => {
    const answer = await askRelease<Readiness>(filesOf(generation).socket, path, signal);
    return answer?.value ?? ended(app, generation);
  };

  return {
    async start(workload, {signal}) {
      const generation = generationOf(workload.release.number, workload);
      try {
        before.clear();
        before.set(generation, await writeUnits(app, await unitsFor(app, [generation, ...open])));
        const file = filesOf(generation).workload;
        await mkdir(dirname(file), {recursive: true, mode: 0o711});
        await writeAtomic(file, JSON.stringify(workload), {mode: 0o600});
        if (app.user !== undefined) await giveToUser(app, app.user, {file, release: workload.release});
        if (generation.ports.length > 0)
          await systemctl(scope, ['start', ...generation.ports.map((port) => socketUnit(name, port))], {
            signal,
          });
        await systemctl(scope, ['start', unitOf(generation)], {signal});
        await untilItAnswers(app, generation.release, {signal});
        return generation;
      } catch (error) {
        await leave(generation).catch(() => undefined);
        throw error;
      }
    },
    ready: (generation, options) => ask(generation, '/ready', options),
    async open(generation) {
      await askRelease(filesOf(generation).socket, '/open');
      open.push(generation);
      await systemctl(scope, [
        'enable',
        appUnit(name),
        ...generation.ports.map((port) => socketUnit(name, port)),
      ]);
      // Active from now on: a connection that comes while nothing runs starts what is current.
      await systemctl(scope, ['start', '--no-block', appUnit(name)]);
    },
    watch: (generation, ms, options) => ask(generation, `/watch?ms=${ms}`, options),
    drain: leave,
    stop: leave,
    running: () => open.at(-1),
  };
}

interface Given {
  readonly file: string;
  readonly release: Workload['release'];
}

/** What the processes of the app write to: sockets, the log, what outlives releases; and what only they may read: what they run, and rendered files. */
async function giveToUser({root}: SystemdApp, user: string, {file, release}: Given): Promise<void> {
  const account = await accountOf(user);
  const log = dirname(logFile(root));
  const persistent = join(root, 'persistent');
  for (const folder of [log, persistent]) {
    await mkdir(folder, {recursive: true});
    for (const name of ['', ...(await readdir(folder))]) await giveOurs(join(folder, name), account);
  }
  await chmod(dirname(log), 0o711); // on the way to the log; what else is there cannot be listed
  await giveFolder((await runtimeTarget(root)) ?? join(root, 'runtime'), account);
  const rendered = (release.rendered ?? []).map((path) => join(release.dir, path));
  for (const path of [file, ...rendered]) if (existsSync(path)) await giveOurs(path, account);
}

/** What the supervisor gives where an app says nothing. */
const GRACE_MS = 30_000;

function generationOf(release: number, {instances}: Pick<Workload, 'instances'>): SystemdGeneration {
  return {
    release,
    ports: instances.filter(({type}) => type === 'web').map(({port}) => port),
    graceMs: Math.max(GRACE_MS, ...instances.map((one) => one.graceMs ?? 0)),
  };
}

/** What runs when nobody has deployed by this process yet: the current release, when its unit is active. */
async function runningNow({name, root, scope}: SystemdApp): Promise<SystemdGeneration[]> {
  if (!existsSync(root)) return [];
  const {current} = await readReleases(root);
  if (current === undefined || !(await isActive(scope, releaseUnit(name, current.number)))) return [];
  const {workload} = releaseFiles(root, current.number);
  const text = await readFile(workload, 'utf8').catch(() => '{"instances":[]}');
  return [generationOf(current.number, JSON.parse(text) as Workload)];
}

/** `text` undefined: there is no such file. */
type UnitFile = Pick<Unit, 'name'> & {readonly text: string | undefined};

/** One template is for all that run. */
async function unitsFor(app: SystemdApp, generations: readonly SystemdGeneration[]): Promise<Unit[]> {
  const ports = [...new Set(generations.flatMap((one) => one.ports))].toSorted((a, b) => a - b);
  const graceMs = Math.max(...generations.map((one) => one.graceMs));
  return unitsOf(app, {ports, graceMs, runtimeDir: await runtimeTarget(app.root)});
}

/** Resolves with what was there before. */
async function writeUnits({scope}: SystemdApp, units: readonly UnitFile[]): Promise<UnitFile[]> {
  const folder = unitFolder(scope);
  await mkdir(folder, {recursive: true});
  const before: UnitFile[] = [];
  for (const {name, text} of units) {
    const path = join(folder, name);
    before.push({name, text: await readFile(path, 'utf8').catch(() => undefined)});
    if (text === undefined) await rm(path, {force: true});
    else await writeAtomic(path, text, {mode: 0o644});
  }
  await systemctl(scope, ['daemon-reload']);
  return before;
}

/** Ports that no release has any more. Whether there were any. */
async function removeSockets({name, scope}: SystemdApp, needed: ReadonlySet<number>): Promise<boolean> {
  const folder = unitFolder(scope);
  let removed = false;
  for (const file of await readdir(folder)) {
    const [, port] = new RegExp(`^keelson-${name}-(\\d+)\\.socket$`).exec(file) ?? [];
    if (port === undefined || needed.has(Number(port))) continue;
    await systemctl(scope, ['disable', '--now', file]);
    await systemctl(scope, ['stop', wakeUnit(name, Number(port))]);
    await forgetFailure(scope, file);
    await rm(join(folder, file), {force: true});
    removed = true;
  }
  return removed;
}

const ANSWER_MS = 30_000;
const ASK_MS = 30;

/** Of a unit that was started; one that ends at once is told of by whoever asks it next. */
export async function untilItAnswers(
  {name, root, scope}: Pick<SystemdApp, 'name' | 'root' | 'scope'>,
  release: number,
  {signal}: StepOptions,
): Promise<void> {
  const {socket} = releaseFiles(root, release);
  const unit = releaseUnit(name, release);
  for (const end = performance.now() + ANSWER_MS; performance.now() < end;) {
    if ((await askRelease(socket, '/status', signal)) !== undefined) return;
    if (!(await isActive(scope, unit))) return;
    await delay(ASK_MS, undefined, {signal});
  }
}

/** What is to be said of a release whose program does not answer. */
export async function ended(
  {root, scope, name}: Pick<SystemdApp, 'name' | 'root' | 'scope'>,
  {release}: Pick<SystemdGeneration, 'release'>,
): Promise<Readiness & {state: 'not-ready'}> {
  const unit = releaseUnit(name, release);
  const state = await systemctl(scope, ['show', '--property=Result', '--value', unit]);
  const output = [...(await lastLogLines(logFile(root), LINES)), ...(await journalLines(scope, unit, LINES))];
  return {state: 'not-ready', instance: unit, because: `ended (${state})`, output};
}

const LINES = 20;
