import {gateEnvironment} from '@keelson/graceful';
import {blockingOutput} from '@keelson/log-tagger';
import {SupervisorFault} from './fault.ts';
import {type ForkLine, forkLine} from './fork-line.ts';
import {packageScript} from './package-script.ts';
import type {WorkerPlan} from './worker-plan.ts';
import {workerLine} from './worker-line.ts';
import {withModules} from './worker-modules.ts';
import type {SupervisedInstance, Workload} from './workload.ts';

/** What the instance's socket and the supervisor's settings give to a worker. */
export interface PlanContext {
  /** The held socket of a port. */
  socketOf(port: number): {readonly fd: number; readonly host: string};
  /** Where a primary of node:cluster listens. */
  readonly host: string;
  /** A path for a private socket that nobody else has. */
  newSocketPath(): string;
  readonly graceMs: number;
  readonly readyTimeoutMs: number;
  readonly hangMs: number | undefined;
  /** Variables over those of the workload for one start of a worker. */
  beforeFork(tag: string): Readonly<Record<string, string>>;
}

/** `web` takes traffic, on its port; every other type is a process like any other. */
export const takesTraffic = (instance: {readonly type: string}): boolean => instance.type === 'web';

/** @throws SupervisorFault SUPERVISOR_WORKLOAD */
export function checkWorkload({name, instances}: Workload): void {
  const refuse = (message: string): never => {
    throw new SupervisorFault('SUPERVISOR_WORKLOAD', `Workload ${name}: ${message}`);
  };
  const names = new Set<string>();
  const ports = new Map<number, string>();
  for (const instance of instances) {
    if (names.has(instance.name)) refuse(`two instances are called ${instance.name}`);
    names.add(instance.name);
    const workers = instance.workers ?? 1;
    if (!Number.isInteger(workers) || workers < 1) refuse(`${instance.name} cannot have ${workers} workers`);
    if (!takesTraffic(instance)) continue;
    const other = ports.get(instance.port);
    if (other) refuse(`${other} and ${instance.name} have the same port ${instance.port}`);
    ports.set(instance.port, instance.name);
  }
}

/** One plan for each worker of an instance. */
export async function planWorkers(
  workload: Workload,
  instance: SupervisedInstance,
  context: PlanContext,
): Promise<WorkerPlan[]> {
  const workers = instance.workers ?? 1;
  const script = await packageScript(instance.command, workload.cwd, workload.env);
  const command = workerLine(script?.line ?? instance.command);
  const health = {
    path: workload.health?.path,
    timeoutMs: workload.health?.timeoutMs ?? context.readyTimeoutMs,
  };
  const flags = nodeFlags(instance);
  const {port} = instance;
  const fork =
    takesTraffic(instance) && workload.listener === 'cluster'
      ? forked(instance.name, script?.line ?? instance.command)
      : undefined;
  const held = takesTraffic(instance) && !fork ? context.socketOf(port) : undefined;
  return Array.from({length: workers}, (_, at) => {
    const variables: Record<string, string> = blockingOutput({
      ...(instance.threadPoolSize && {UV_THREADPOOL_SIZE: String(instance.threadPoolSize)}),
      ...workload.env,
      ...script?.env,
      PORT: String(port),
      PS: instance.name,
      KEELSON_GENERATION: workload.name,
      KEELSON_INSTANCE: instance.name,
      KEELSON_WORKER: String(at + 1),
      ...(instance.memoryBytes && {KEELSON_MEMORY_BYTES: String(instance.memoryBytes)}),
    });
    const spec = {command, shell: true, cwd: workload.cwd};
    const tag = at === 0 ? instance.name : `${instance.name}/${at + 1}`;
    return {
      tag,
      number: at + 1,
      stopSignal: instance.stopSignal ?? 'SIGTERM',
      graceMs: instance.graceMs,
      port,
      health: takesTraffic(instance) ? health : undefined,
      // A killed worker leaves its private socket behind: each start has a new one.
      launch() {
        const env = {...variables, ...context.beforeFork(tag)};
        const options = withModules(env['NODE_OPTIONS'], workload.modules ?? {});
        if (options !== undefined) env['NODE_OPTIONS'] = options;
        if (workload.modules?.counts) env['KEELSON_COUNT'] = '1';
        if (!held && !fork) return {spec: {...spec, env: withNodeOptions(env, flags)}, socket: undefined};
        const socket = context.newSocketPath();
        const gate = {
          port,
          host: held?.host ?? context.host,
          fd: held && 3,
          socket,
          graceMs: instance.graceMs ?? context.graceMs,
          hangMs: context.hangMs,
          healthPath: workload.answerHealthOn,
        };
        const gated = {...spec, env: gateEnvironment(env, gate, flags)};
        if (!held) return {spec: {...gated, ...fork!}, socket};
        return {spec: {...gated, descriptors: [held.fd], ipc: true}, socket};
      },
    };
  });
}

function forked(name: string, command: string): ForkLine {
  const line = forkLine(command);
  if (line) return line;
  throw new SupervisorFault(
    'SUPERVISOR_WORKLOAD',
    `${name}: the listener of node:cluster runs \`node SCRIPT …\`, not \`${command}\``,
    {hint: 'Without --listener=cluster any command can be run.'},
  );
}

function nodeFlags({nodeOptions, heapMegabytes}: SupervisedInstance): string[] {
  if (nodeOptions !== undefined) return nodeOptions.split(' ').filter(Boolean);
  return heapMegabytes ? [`--max-old-space-size=${Math.floor(heapMegabytes)}`] : [];
}

/** The user's own options come last, for the last one wins. */
function withNodeOptions(env: Record<string, string>, options: readonly string[]): Record<string, string> {
  if (options.length === 0) return env;
  return {...env, NODE_OPTIONS: [...options, env['NODE_OPTIONS'] ?? ''].join(' ').trim()};
}
