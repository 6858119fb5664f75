import type {HclBlock, HclValue} from '../hcl/write.ts';
import {fileLimits} from '../launcher/limit-commands.ts';
import type {CompleteModel, CompleteProcess} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {Amount} from '../service-rules.ts';
import {configText, COPY, DOLLAR, envText, needsDollar} from './escape.ts';

const MEBIBYTE = 2 ** 20;
const unlimited = (amount: Amount) => String(amount === 'infinity' ? -1 : amount);
const ULIMITS = ['nproc', 'core', 'data', 'stack', 'memlock', 'fsize'] as const;

function ulimits({limits}: CompleteProcess): HclBlock | undefined {
  const files = limits.nofile === undefined ? undefined : fileLimits(limits.nofile);
  const values: Record<string, HclValue> = {
    ...(files ? {nofile: `${unlimited(files.soft)}:${unlimited(files.hard)}`} : {}),
    ...Object.fromEntries(
      ULIMITS.flatMap((name) => {
        const amount = limits[name];
        return amount === undefined ? [] : [[name, unlimited(amount)]];
      }),
    ),
  };
  return Object.keys(values).length > 0 ? {block: 'ulimit', values} : undefined;
}

/** `config` of the docker driver. */
function config(model: CompleteModel, one: PlannedProcess, words: readonly string[]): HclBlock {
  const {of} = one;
  const strict = of.harden === 'strict';
  return {
    block: 'config',
    values: {
      image: configText(model.image ?? ''),
      entrypoint: words.map(configText),
      work_dir: configText(one.cwd),
      ports: one.port === undefined ? undefined : ['http'],
      group_add: one.supplementary.length > 0 ? one.supplementary : undefined,
      cpuset_cpus: of.limits.cpus,
      pids_limit: of.limits.tasksMax,
      sysctl: Object.keys(model.sysctl).length > 0 ? configOf(model.sysctl) : undefined,
      security_opt: of.harden === 'none' ? undefined : ['no-new-privileges'],
      readonly_rootfs: strict ? true : undefined,
      cap_drop: strict ? ['ALL'] : undefined,
      cap_add: of.capabilities?.map((name) => name.replace(/^CAP_/, '')),
    },
    blocks: [ulimits(of), strict ? {block: 'mount', values: {type: 'tmpfs', target: '/tmp'}} : undefined],
  };
}

function configOf(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, configText(value)]));
}

function environment(one: PlannedProcess): Record<string, string> {
  const all = {PATH: one.defaultPath, ...one.env};
  const escaped = Object.entries(all).map(([name, value]) => [name, envText(value)] as const);
  // A copy knows its own number alone.
  const own = one.env['PS'] === one.name ? {PS: `${one.of.name}.${COPY}`} : {};
  return {...Object.fromEntries(escaped), ...own};
}

function resources({limits: {memoryMax, cpuQuota}}: CompleteProcess): HclBlock | undefined {
  if (memoryMax === undefined && cpuQuota === undefined) return undefined;
  return {
    block: 'resources',
    values: {
      cpu: cpuQuota === undefined ? undefined : Math.max(1, Math.round(cpuQuota * 1000)),
      memory: memoryMax === undefined ? undefined : Math.max(10, Math.floor(memoryMax / MEBIBYTE)),
    },
  };
}

function logs({logs: {output, rotate}}: CompleteProcess): HclBlock | undefined {
  if (output === 'null') return {block: 'logs', values: {disabled: true}};
  if (!rotate) return undefined;
  const megabytes = Math.max(1, Math.ceil(rotate.maxBytes / MEBIBYTE));
  return {block: 'logs', values: {max_files: rotate.files, max_file_size: megabytes}};
}

function account({user, group}: PlannedProcess): string | undefined {
  return user === undefined || group === undefined ? user : `${user}:${group}`;
}

/** The task of a process type. */
export function task(model: CompleteModel, one: PlannedProcess): HclBlock {
  const {of} = one;
  return {
    block: 'task',
    labels: [of.name],
    values: {
      driver: 'docker',
      user: account(one),
      kill_signal: of.stop.signal,
      kill_timeout: `${of.stop.timeoutMs}ms`,
    },
    blocks: [
      config(model, one, one.argv),
      needsDollar(one.env) ? {block: 'meta', values: DOLLAR} : undefined,
      {block: 'env', values: environment(one)},
      resources(of),
      logs(of),
    ],
  };
}

const HOOKS = {preStart: 'prestart', postStart: 'poststart', postStop: 'poststop'} as const;

/** A task for each hook line, of the same image. */
export function hookTasks(model: CompleteModel, one: PlannedProcess): HclBlock[] {
  return Object.entries(HOOKS).flatMap(([name, hook]) =>
    (one.of.hooks[name as keyof typeof HOOKS] ?? []).map((line, index) => ({
      block: 'task',
      labels: [`${one.of.name}-${hook}-${index + 1}`],
      values: {driver: 'docker', user: account(one)},
      blocks: [
        {block: 'lifecycle', values: {hook}},
        config(model, {...one, port: undefined}, ['/bin/sh', '-c', line]),
        needsDollar(one.env) ? {block: 'meta', values: DOLLAR} : undefined,
        {block: 'env', values: environment(one)},
      ],
    })),
  );
}
