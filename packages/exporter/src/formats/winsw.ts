import {join} from 'node:path/posix';

import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {ExportFault} from '../fault.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {PERCENT, readCommandLine, readReferences} from '../winsw/escape.ts';
import {planFor} from '../winsw/plan.ts';
import {serviceView} from '../winsw/service-view.ts';
import {type Element, readXml} from '../xml/read.ts';
import {approximate, capabilitiesOf, emulated, native, unsupported} from './capabilities.ts';
import type {Manager} from './unit-format.ts';

export {planFor};

/** `C:\keelson\services`: WinSW itself lies there as `NAME.exe` beside each `NAME.xml`. */
export const DIRECTORY = '/c/keelson/services';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  native({
    description: 'description',
    root: 'workingdirectory',
    'user.name': 'serviceaccount; the password is asked for at the installation',
    logDir: 'logpath',
    path: 'env PATH',
    'processes.description': 'description',
    'processes.command': 'executable and arguments; a shell, and env, are those of Git for Windows',
    'processes.instances': 'one service an instance',
    'processes.cwd': 'workingdirectory',
    'processes.env': 'env',
    'processes.restart.policy': 'onfailure',
    'processes.restart.delayMs': 'onfailure delay',
    'processes.restart.maxDelayMs': 'one onfailure a step, each delay twice the last',
    'processes.restart.limit': 'one onfailure a start, and resetfailure',
    'processes.stop.timeoutMs': 'stoptimeout',
    'processes.hooks.preStart': 'prestart (WinSW 3)',
    'processes.hooks.postStart': 'poststart (WinSW 3)',
    'processes.hooks.preStop': 'prestop (WinSW 3)',
    'processes.hooks.postStop': 'poststop (WinSW 3)',
    'processes.logs.rotate': 'log roll-by-size',
    'processes.deps.requires': 'depend',
    'processes.deps.network': 'depend Tcpip',
    'processes.boot': 'startmode',
  }),
  approximate({'processes.logs.output': 'NAME.out.log and NAME.err.log in that directory'}),
  emulated({'processes.nice': 'priority: five classes'}),
  unsupported({
    'user.group': 'an account of Windows has no main group',
    'user.supplementary': 'an account of Windows has its groups by itself',
    envStorage: 'WinSW reads no other file',
    'processes.envFiles': 'WinSW reads none',
    'processes.stop.signal': 'Ctrl+C, then the end',
    'processes.stop.scope': 'always the whole tree',
    'processes.reload': 'Windows has no such signal',
  }),
);

export const capabilityOf: CapabilityOf = (field, _, process) => {
  if (field === 'processes.restart.policy' && process?.restart.policy === 'always')
    return {status: 'approximate', by: 'onfailure: what ends with code 0 stays stopped'};
  if (field === 'processes.restart.policy' && process?.restart.policy === 'on-failure')
    return {status: 'native', by: 'onfailure, which is there for always too (no directive)'};
  return field === 'processes.logs.output' && process?.logs.output === 'null'
    ? {status: 'native', by: 'log mode none'}
    : undefined;
};

const programs = ({files, directory}: {files: readonly string[]; directory: string}) =>
  files.map((file) => join(directory, file.replace(/\.xml$/, '.exe')));

export const manager: Manager = {
  enable: (installed) =>
    programs(installed).map((program) => ({run: [program, 'install'], undo: [program, 'uninstall']})),
  disable: (installed) =>
    programs(installed).flatMap((program) => [{run: [program, 'stop']}, {run: [program, 'uninstall']}]),
};

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  const templates = await loadTemplates('winsw', ['service'], options);
  return planned.map((one) => ({
    path: `${one.id}.xml`,
    content: templates.service(serviceView(model, one)),
    mode: 0o600,
  }));
}

function all(root: Element, name: string): Element[] {
  return root.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)]);
}

function environment(file: string, root: Element, model: CompleteModel): Record<string, string> {
  const [percent, ...rest] = all(root, 'env').map(({attributes}) => [
    attributes['name'] ?? '',
    attributes['value'] ?? '',
  ]);
  if (percent?.[0] !== PERCENT || percent[1] !== '%')
    throw new ExportFault('EXPORT_MISMATCH', `${file}: ${PERCENT} has to come first`);
  const [{defaultPath} = {defaultPath: ''}] = planFor(model);
  return Object.fromEntries(
    rest.map(([name, value]) => [
      name,
      name === 'PATH' && value === defaultPath ? value : readReferences(file, value!),
    ]),
  );
}

/** WinSW takes the first element of a name, at whatever depth (XPath `//name`). */
export function readFiles(files: readonly UnitFile[], model: CompleteModel): ReadProcess[] {
  return files.map(({path, content}) => {
    const root = readXml(path, content);
    const first = (name: string) => {
      const text = all(root, name)[0]?.text;
      return text === undefined ? undefined : readReferences(path, text);
    };
    if (all(root, 'serviceaccount').length > 1 || all(root, 'argument').length > 0)
      throw new ExportFault('EXPORT_MISMATCH', `${path}: an element of WinSW is there twice`);
    return {
      file: path,
      env: environment(path, root, model),
      argv: [first('executable') ?? '', ...readCommandLine(first('arguments') ?? '')],
      cwd: first('workingdirectory'),
      user: first('username'),
      group: undefined,
    };
  });
}
