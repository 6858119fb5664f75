import {join} from 'node:path/posix';

import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {ExportFault} from '../fault.ts';
import {limitCommands} from '../launcher/limit-commands.ts';
import {shellCommand, shellWord} from '../launcher/quote.ts';
import {readStatements} from '../launcher/read.ts';
import {pidfileLine} from '../launcher/script.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {xmlMarker} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {xmlHolds, xmlText} from '../xml/escape.ts';
import {type Element, readXml} from '../xml/read.ts';
import {capabilitiesOf, emulated, launcher, native, unsupported} from './capabilities.ts';
import type {Checker, Manager} from './unit-format.ts';

export const DIRECTORY = '/lib/svc/manifest/application';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  native({
    description: 'common_name',
    root: 'working_directory',
    'user.name': 'method_credential',
    'user.group': 'method_credential',
    'user.supplementary': 'supp_groups',
    path: 'envvar',
    'processes.description': 'common_name',
    'processes.command': 'exec_method start',
    'processes.instances': 'one service an instance',
    'processes.cwd': 'working_directory',
    'processes.env': 'envvar',
    'processes.stop.signal': ':kill -SIGNAL',
    'processes.stop.timeoutMs': 'timeout_seconds, whole seconds',
    'processes.reload': 'refresh method',
    'processes.deps.requires': 'dependency require_all',
    'processes.deps.wants': 'dependency optional_all',
    'processes.deps.network': 'dependency on milestone/network',
    'processes.boot': 'create_default_instance',
  }),
  launcher({
    'processes.limits.nofile': 'ulimit -n in the start method',
    'processes.limits.core': 'ulimit -c in the start method',
    'processes.limits.as': 'ulimit -v in the start method',
    'processes.limits.data': 'ulimit -d in the start method',
    'processes.limits.stack': 'ulimit -s in the start method',
    'processes.limits.fsize': 'ulimit -f in the start method',
    'processes.umask': 'umask in the start method',
    'processes.nice': 'nice in the start method',
    'processes.hooks.preStart': 'in the start method',
    'processes.logs.output': 'exec >>FILE in the start method',
    'processes.pidfile': 'echo $$ in the start method',
  }),
  emulated({'processes.restart.policy': 'startd/duration child: startd always starts it again'}),
  unsupported({
    envStorage: 'whatever is in a manifest, svcprop shows to everyone',
    'processes.envFiles': 'a method reads none',
    'processes.limits.nproc': 'getrlimit(2) there has none; a project has',
    'processes.limits.memlock': 'getrlimit(2) there has none; a project has',
    'processes.start.timeoutMs': 'a process that stays has started when it runs',
    'processes.stop.scope': 'always the whole contract',
    'processes.restart.delayMs': 'startd decides',
  }),
);

export const capabilityOf: CapabilityOf = (field, _, process) =>
  field === 'processes.restart.policy' && process !== undefined && process.restart.policy !== 'always'
    ? {status: 'unsupported', by: 'startd starts again what ended, whatever its exit code'}
    : undefined;

export const checker: Checker = {
  program: 'svccfg',
  argv: (files) => (files[0] === undefined ? undefined : ['validate', files[0]]),
};

const service = (file: string) => `application/${file.replace(/\.xml$/, '')}`;
const remove = (file: string) => ['svccfg', 'delete', '-f', service(file)];

export const manager: Manager = {
  // It takes one at a time.
  enable: ({files, directory}) =>
    files.map((file) => ({run: ['svccfg', 'import', join(directory, file)], undo: remove(file)})),
  disable: ({files}) =>
    files.flatMap((file) => [{run: ['svcadm', 'disable', '-s', service(file)]}, {run: remove(file)}]),
};

// scf_limits(3SCF): SCF_LIMIT_MAX_VALUE_LENGTH.
const MAX_BYTES = 4095;

function text(value: string, where: string): string {
  const because = !xmlHolds(value)
    ? 'holds a control character, which XML cannot'
    : Buffer.byteLength(value) > MAX_BYTES
      ? `is longer than the ${MAX_BYTES} bytes of a property`
      : undefined;
  if (because === undefined) return xmlText(value);
  throw new ExportFault('EXPORT_VALUE', `${where} ${because}`, {
    hint: 'Keep it in a file that the program reads; bytes also as base64.',
  });
}

/** What stands in the repository is `NAME=value`. */
function variable(name: string, value: string): {readonly name: string; readonly value: string} {
  text(`${name}=${value}`, `variable ${name}`);
  return {name, value: xmlText(value)};
}

/** startd puts `exec ` before it and has a shell run that; `%` is special: smf_method(7). */
function method({of, argv, pidfile, logFile}: PlannedProcess): string {
  // No RLIMIT_NPROC and no RLIMIT_MEMLOCK there.
  const limits = limitCommands({...of.limits, nproc: undefined, memlock: undefined});
  const script = [
    ...(logFile === undefined ? [] : [`exec >>${shellWord(logFile)} 2>&1`]),
    ...(of.umask === undefined ? [] : [`umask ${of.umask}`]),
    ...limits,
    ...(pidfile === undefined ? [] : [pidfileLine(pidfile)]),
    ...(of.hooks.preStart ?? []).map((hook) => `${shellCommand(['/bin/sh', '-c', hook])} || exit`),
    `exec ${of.nice === undefined ? '' : `/usr/bin/nice -n ${of.nice} `}${shellCommand(argv)}`,
  ].join('\n');
  return `/bin/sh -c ${shellWord(script)}`.replaceAll('%', '%%');
}

function dependencies({of: {deps}}: PlannedProcess): object[] {
  const one = (grouping: string) => (name: string, index: number) => ({
    name: `${grouping}-${index + 1}`,
    grouping,
    fmri: xmlText(name.startsWith('svc:') ? name : `svc:/${name}`),
  });
  return [
    ...(deps.requires ?? []).map(one('require_all')),
    ...(deps.wants ?? []).map(one('optional_all')),
    ...(deps.network ? [{name: 'network', grouping: 'require_all', fmri: 'svc:/milestone/network'}] : []),
  ];
}

const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('smf', ['manifest'], options);
  return planned.map((one) => {
    const {of, id} = one;
    const content = templates.manifest({
      marker: xmlMarker({app: model.name, format: 'smf'}),
      id,
      boot: of.boot,
      dependencies: dependencies(one),
      cwd: text(one.cwd, 'cwd').replaceAll('%', '%%'),
      user: one.user ?? null,
      group: one.group ?? null,
      groups: one.supplementary.join(',') || null,
      environment: Object.entries({PATH: one.defaultPath, ...one.env}).map((pair) => variable(...pair)),
      start: text(method(one), 'the command'),
      stop: of.stop.signal === 'SIGTERM' ? ':kill' : `:kill -${of.stop.signal.slice(3)}`,
      stopTimeout: seconds(of.stop.timeoutMs),
      reload: of.reload === undefined ? null : `:kill -${of.reload.slice(3)}`,
      description: text(of.description ?? model.description ?? id, 'description'),
    });
    return {path: `${id}.xml`, content, mode: 0o600};
  });
}

function find(element: Element, name: string): Element[] {
  return [
    ...(element.name === name ? [element] : []),
    ...element.children.flatMap((child) => find(child, name)),
  ];
}

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  return files.map(({path, content}) => {
    const root = readXml(path, content);
    const start = find(root, 'exec_method').find(({attributes}) => attributes['name'] === 'start');
    const [credential, second] = find(root, 'method_credential');
    if (second) throw new ExportFault('EXPORT_MISMATCH', `${path}: two method_credential`);
    const [[, , script = ''] = []] = readStatements(
      path,
      (start?.attributes['exec'] ?? '').replaceAll('%%', '%'),
    );
    const statements = readStatements(path, script);
    const [, ...words] = statements.find(([first, next]) => first === 'exec' && !next?.startsWith('>')) ?? [];
    return {
      file: path,
      env: Object.fromEntries(
        find(root, 'envvar').map(({attributes}) => [attributes['name'] ?? '', attributes['value'] ?? '']),
      ),
      argv: words[0] === '/usr/bin/nice' ? words.slice(3) : words,
      cwd: find(root, 'method_context')[0]?.attributes['working_directory']?.replaceAll('%%', '%'),
      user: credential?.attributes['user'],
      group: credential?.attributes['group'],
    };
  });
}
