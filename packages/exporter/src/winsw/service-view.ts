import {basename, dirname} from 'node:path/posix';

import {xmlMarker} from '../marker.ts';
import type {CompleteModel, CompleteProcess} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import {commandLine, element, PERCENT, windowsPath, withoutReferences} from './escape.ts';

// Beyond them every further end is treated like the last.
const MOST_ACTIONS = 100;

/** What follows the first, the second … end within the time after which they are forgotten. */
function failureLines({restart}: CompleteProcess): string[] {
  const {policy, delayMs, maxDelayMs, limit} = restart;
  const none = '<onfailure action="none"/>';
  if (policy === 'no') return [none];
  const again = (ms: number) => `<onfailure action="restart" delay="${ms} ms"/>`;
  const grows = maxDelayMs !== undefined && maxDelayMs > delayMs;
  const steps = grows ? Math.ceil(Math.log2(maxDelayMs / Math.max(1, delayMs))) + 1 : 1;
  const count = Math.min(limit?.count ?? steps, MOST_ACTIONS);
  const delays = Array.from({length: count}, (_, index) =>
    Math.min(Math.max(1, delayMs) * 2 ** (grows ? index : 0), maxDelayMs ?? delayMs),
  );
  return [
    ...delays.map(again),
    ...(limit
      ? [none, `<resetfailure>${Math.max(1, Math.ceil(limit.withinMs / 1000))} sec</resetfailure>`]
      : []),
  ];
}

function logLines({logDir}: CompleteModel, {of, logFile}: PlannedProcess): string[] {
  if (logFile === '/dev/null') return ['<log mode="none"/>'];
  const path = (directory: string) =>
    `<logpath>${element(withoutReferences(windowsPath(directory)), 'logDir')}</logpath>`;
  const {rotate} = of.logs;
  return [
    ...(logFile === undefined ? (logDir === undefined ? [] : [path(logDir)]) : [path(dirname(logFile))]),
    ...(logFile === undefined
      ? []
      : [`<logname>${element(withoutReferences(basename(logFile, '.log')), 'logs.output')}</logname>`]),
    ...(rotate
      ? [
          '<log mode="roll-by-size">',
          `  <sizeThreshold>${Math.max(1, Math.ceil(rotate.maxBytes / 1024))}</sizeThreshold>`,
          `  <keepFiles>${rotate.files}</keepFiles>`,
          '</log>',
        ]
      : ['<log mode="append"/>']),
  ];
}

function priority(nice: number): string {
  if (nice <= -11) return 'High';
  if (nice < 0) return 'AboveNormal';
  if (nice === 0) return 'Normal';
  return nice <= 10 ? 'BelowNormal' : 'Idle';
}

function hookLines({hooks}: CompleteProcess): string[] {
  return (['preStart', 'postStart', 'preStop', 'postStop'] as const).flatMap((name) => {
    const lines = hooks[name];
    if (!lines) return [];
    const tag = name.toLowerCase();
    const words = ['-c', lines.map((line) => `(${line}\n)`).join(' && ')];
    return [
      `<${tag}>`,
      '  <executable>sh.exe</executable>',
      `  <arguments>${element(withoutReferences(commandLine(words)), `hooks.${name}`)}</arguments>`,
      `</${tag}>`,
    ];
  });
}

/** What the template of a service is filled with. */
export function serviceView(model: CompleteModel, one: PlannedProcess): object {
  const {of, id, argv} = one;
  const {PATH, ...rest} = one.env;
  const values = PATH === undefined ? rest : one.env;
  const set = Object.entries(values).map(([name, value]) => [name, withoutReferences(value)] as const);
  const text = (value: string, where: string) => element(withoutReferences(value), where);
  return {
    marker: xmlMarker({app: model.name, format: 'winsw'}),
    id,
    name: text(`${model.name} ${one.name}`, 'name'),
    description: text(of.description ?? model.description ?? `${model.name} ${one.name}`, 'description'),
    // First, so that it is known to all that follow.
    environment: [
      [PERCENT, '%'] as const,
      ...(PATH === undefined ? [['PATH', one.defaultPath] as const] : []),
      ...set,
    ].map(([name, value]) => ({name, value: element(value, `variable ${name}`)})),
    executable: text(argv[0]!, 'the program'),
    arguments: text(commandLine(argv.slice(1)), 'the command'),
    workingDirectory: text(one.cwd, 'cwd'),
    startMode: of.boot ? 'Automatic' : 'Manual',
    depends: [...(of.deps.network ? ['Tcpip'] : []), ...(of.deps.requires ?? [])],
    stopTimeout: `${of.stop.timeoutMs} ms`,
    user: one.user ?? null,
    lines: [
      ...failureLines(of),
      ...logLines(model, one),
      ...(of.nice === undefined ? [] : [`<priority>${priority(of.nice)}</priority>`]),
      ...hookLines(of),
    ],
  };
}
