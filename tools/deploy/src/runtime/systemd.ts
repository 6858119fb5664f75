import {existsSync} from 'node:fs';
import {chmod, mkdir, readdir, readFile, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {writeAtomic} from '@keelson/atomic-fs';
import {giveOurs, type Readiness, type Runtime, type Workload} from '@keelson/deployer';
import {readReleases} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';
import {accountOf} from '../account.ts';
import {lastLogLines} from '../log-lines.ts';
import {logFile} from '../hosted-app.ts';
import {askRelease} from './ask-release.ts';
import {releaseFiles} from './release-socket.ts';
import {isActive, journalLines, systemctl} from './systemctl.ts';
import {appUnit, releaseUnit, socketUnit, unitFolder, unitsOf, type SystemdApp} from './systemd-units.ts';

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

  const leave = async (generation: SystemdGeneration) => {
    const at = open.indexOf(generation);
    if (at >= 0) open.splice(at, 1);
    await systemctl(scope, ['stop', unitOf(generation)]);
    const {workload, socket} = filesOf(generation);
    await rm(workload, {force: true});
    await rm(socket, {force: true});
    await removeSockets(app, new Set(open.flatMap(({ports}) => ports)));
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
        await writeUnits(app, [generation, ...open]);
        await mkdir(join(root, 'runtime'), {recursive: true, mode: 0o700});
        await writeAtomic(filesOf(generation).workload, JSON.stringify(workload), {mode: 0o600});
        if (app.user !== undefined) await giveToUser(app, app.user, workload.release);
        await systemctl(scope, ['daemon-reload'], {signal});
        if (generation.ports.length > 0)
          await systemctl(scope, ['start', ...generation.ports.map((port) => socketUnit(name, port))], {
            signal,
          });
        await systemctl(scope, ['start', unitOf(generation)], {signal});
        await untilItAnswers(app, generation, signal);
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

/** What the processes of the app write to: sockets, the log, what outlives releases; and what only they may read: files that were rendered. */
async function giveToUser(
  {root}: SystemdApp,
  user: string,
  {dir, rendered = []}: Workload['release'],
): Promise<void> {
  const account = await accountOf(user);
  await mkdir(dirname(logFile(root)), {recursive: true});
  await chmod(dirname(dirname(logFile(root))), 0o711); // on the way to the log; what else is there cannot be listed
  await mkdir(join(root, 'persistent'), {recursive: true});
  for (const folder of [join(root, 'runtime'), dirname(logFile(root))])
    for (const name of ['', ...(await readdir(folder))]) await giveOurs(join(folder, name), account);
  await giveOurs(join(root, 'persistent'), account);
  for (const name of await readdir(join(root, 'persistent')))
    await giveOurs(join(root, 'persistent', name), account);
  for (const path of rendered) if (existsSync(join(dir, path))) await giveOurs(join(dir, path), account);
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

/** One template is for all that run. */
async function writeUnits(app: SystemdApp, generations: readonly SystemdGeneration[]): Promise<void> {
  const folder = unitFolder(app.scope);
  const ports = [...new Set(generations.flatMap((one) => one.ports))].toSorted((a, b) => a - b);
  const graceMs = Math.max(...generations.map((one) => one.graceMs));
  await mkdir(folder, {recursive: true});
  for (const {name, text} of unitsOf(app, {ports, graceMs}))
    await writeAtomic(join(folder, name), text, {mode: 0o644});
}

/** Ports that no release has any more. */
async function removeSockets({name, scope}: SystemdApp, needed: ReadonlySet<number>): Promise<void> {
  const folder = unitFolder(scope);
  for (const file of await readdir(folder)) {
    const [, port] = new RegExp(`^keelson-${name}-(\\d+)\\.socket$`).exec(file) ?? [];
    if (port === undefined || needed.has(Number(port))) continue;
    await systemctl(scope, ['disable', '--now', file]);
    await rm(join(folder, file), {force: true});
  }
}

const ANSWER_MS = 30_000;
const ASK_MS = 30;

async function untilItAnswers(
  app: SystemdApp,
  generation: SystemdGeneration,
  signal: AbortSignal | undefined,
): Promise<void> {
  const {socket} = releaseFiles(app.root, generation.release);
  const unit = releaseUnit(app.name, generation.release);
  for (const end = performance.now() + ANSWER_MS; performance.now() < end;) {
    if ((await askRelease(socket, '/status', signal)) !== undefined) return;
    // One that ended at once is told of by `ready`.
    if (!(await isActive(app.scope, unit))) return;
    await delay(ASK_MS, undefined, {signal});
  }
}

async function ended({root, scope, name}: SystemdApp, {release}: SystemdGeneration): Promise<Readiness> {
  const unit = releaseUnit(name, release);
  const state = await systemctl(scope, ['show', '--property=Result', '--value', unit]);
  const output = [...(await lastLogLines(logFile(root), LINES)), ...(await journalLines(scope, unit, LINES))];
  return {state: 'not-ready', instance: unit, because: `ended (${state})`, output};
}

const LINES = 20;
