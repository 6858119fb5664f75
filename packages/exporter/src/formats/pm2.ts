import {join} from 'node:path/posix';

import type {Capabilities} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {approximate, capabilitiesOf, emulated, native, unsupported} from './capabilities.ts';
import type {Manager} from './unit-format.ts';

export const DIRECTORY = '/etc/keelson/pm2';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  native({
    root: 'cwd',
    'user.name': 'uid',
    'user.group': 'gid',
    logDir: 'out_file and error_file',
    path: 'env.PATH',
    'processes.command': 'script and args',
    'processes.instances': 'one app an instance',
    'processes.cwd': 'cwd',
    'processes.env': 'env',
    'processes.restart.delayMs': 'restart_delay',
    'processes.restart.maxDelayMs': 'exp_backoff_restart_delay',
    'processes.restart.preventExit': 'stop_exit_codes',
    'processes.start.ready': 'wait_ready',
    'processes.start.timeoutMs': 'listen_timeout',
    'processes.stop.timeoutMs': 'kill_timeout',
    'processes.logs.output': 'out_file and error_file',
    'processes.pidfile': 'pid_file',
  }),
  approximate({
    'processes.limits.memoryMax': 'max_memory_restart: looked at from time to time, not kept',
    'processes.restart.limit': 'max_restarts and min_uptime',
    'processes.stop.scope': 'treekill',
  }),
  emulated({
    'processes.restart.policy': 'autorestart, and stop_exit_codes for on-failure',
    'processes.restart.successExit': 'stop_exit_codes',
    'processes.boot': 'autostart',
  }),
  unsupported({
    'processes.stop.signal': 'one for all: PM2_KILL_SIGNAL of its daemon',
    'processes.envFiles': 'pm2 reads none',
    envStorage: 'the file is readable for its owner alone in either case',
  }),
);

export const manager: Manager = {
  enable: ({files, directory}) => [
    {run: ['pm2', 'start', ...files.map((file) => join(directory, file))], undo: undefined},
    {run: ['pm2', 'save']},
  ],
  disable: ({files, directory}) => [{run: ['pm2', 'delete', ...files.map((file) => join(directory, file))]}],
  forget: () => [{run: ['pm2', 'save', '--force']}],
};

function stopCodes({of: {restart}}: PlannedProcess): number[] {
  const fine = restart.policy === 'on-failure' ? [0, ...(restart.successExit ?? [])] : [];
  return [...fine, ...(restart.preventExit ?? [])];
}

function app(model: CompleteModel, one: PlannedProcess): object {
  const {of, argv, env, cwd, user, group, logFile} = one;
  const {restart, stop, start, limits} = of;
  const codes = stopCodes(one);
  const log = logFile ?? (model.logDir === undefined ? undefined : join(model.logDir, `${one.id}.log`));
  return {
    name: one.id,
    script: argv[0],
    args: argv.slice(1),
    interpreter: 'none',
    exec_mode: 'fork',
    cwd,
    env: {PATH: one.defaultPath, ...env},
    ...(user === undefined ? {} : {uid: user}),
    ...(group === undefined ? {} : {gid: group}),
    autostart: of.boot,
    autorestart: restart.policy !== 'no',
    ...(codes.length > 0 ? {stop_exit_codes: codes} : {}),
    restart_delay: restart.delayMs,
    ...(restart.maxDelayMs === undefined ? {} : {exp_backoff_restart_delay: Math.max(1, restart.delayMs)}),
    ...(restart.limit
      ? {
          max_restarts: restart.limit.count,
          min_uptime: Math.ceil(restart.limit.withinMs / restart.limit.count),
        }
      : {}),
    kill_timeout: stop.timeoutMs,
    treekill: one.stopScope === 'group',
    ...(limits.memoryMax === undefined ? {} : {max_memory_restart: String(limits.memoryMax)}),
    ...(start.ready === 'notify' ? {wait_ready: true} : {}),
    ...(start.timeoutMs === undefined ? {} : {listen_timeout: start.timeoutMs}),
    ...(log === undefined ? {} : {out_file: log, error_file: log}),
    ...(one.pidfile === undefined ? {} : {pid_file: one.pidfile}),
  };
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('pm2', ['ecosystem'], options);
  const apps = planned.map((one) => app(model, one));
  // U+2028 and U+2029 end a line of a program, not of JSON.
  const json = JSON.stringify({apps}, null, 2).replace(
    /[\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16)}`,
  );
  const marker = markerLine({app: model.name, format: 'pm2'}, '//');
  return [{path: `${model.name}.config.cjs`, content: templates.ecosystem({marker, json}), mode: 0o600}];
}

interface App {
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: string;
  readonly gid?: string;
}

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  return files.flatMap(({path, content}) => {
    const json = /^module\.exports = ([^]*);$/m.exec(content)?.[1] ?? '{"apps": []}';
    return (JSON.parse(json) as {apps: App[]}).apps.map(({script, args, cwd, env, uid, gid}) => ({
      file: path,
      env,
      argv: [script, ...args],
      cwd,
      user: uid,
      group: gid,
    }));
  });
}
