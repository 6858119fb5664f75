import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {ExportFault} from '../fault.ts';
import {fileLimits} from '../launcher/limit-commands.ts';
import {readLauncher} from '../launcher/read.ts';
import {launcherLines} from '../launcher/script.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel, CompleteProcess} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {capabilitiesOf, launcher, LAUNCHED, native, unsupported} from './capabilities.ts';
import type {Manager} from './unit-format.ts';

export const DIRECTORY = '/etc/init';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  LAUNCHED,
  launcher({'processes.ioClass': 'ionice -c'}),
  native({
    description: 'description',
    'user.name': 'setuid (1.4)',
    'user.group': 'setgid (1.4)',
    'processes.description': 'description',
    'processes.instances': 'one job an instance',
    'processes.limits.nofile': 'limit nofile',
    'processes.limits.nproc': 'limit nproc',
    'processes.limits.core': 'limit core',
    'processes.limits.as': 'limit as',
    'processes.limits.data': 'limit data',
    'processes.limits.stack': 'limit stack',
    'processes.limits.memlock': 'limit memlock',
    'processes.limits.fsize': 'limit fsize',
    'processes.restart.policy': 'respawn and normal exit',
    'processes.restart.limit': 'respawn limit',
    'processes.restart.preventExit': 'normal exit',
    'processes.restart.successExit': 'normal exit',
    'processes.stop.signal': 'kill signal',
    'processes.stop.timeoutMs': 'kill timeout, whole seconds',
    'processes.reload': 'reload signal (1.10)',
    'processes.hooks.preStart': '/bin/sh -c before exec',
    'processes.hooks.postStart': 'post-start script',
    'processes.hooks.preStop': 'pre-stop script',
    'processes.hooks.postStop': 'post-stop script',
    'processes.logs.output': 'exec >>FILE in script, else console log',
    'processes.umask': 'umask',
    'processes.nice': 'nice',
    'processes.oomScoreAdjust': 'oom score',
    'processes.boot': 'start on',
    'processes.extra': 'as it is',
  }),
  unsupported({
    'user.supplementary': 'a job has those of its user',
    'processes.stop.scope': 'always the group',
    'processes.restart.delayMs': 'it starts again at once',
  }),
);

export const capabilityOf: CapabilityOf = (field, _, process) =>
  field === 'processes.restart.successExit' && process?.restart.policy !== 'on-failure'
    ? {status: 'unsupported', by: 'only counts with policy on-failure'}
    : undefined;

export const manager: Manager = {
  enable: () => [{run: ['initctl', 'reload-configuration']}],
  disable: ({app}) => [{run: ['stop', app]}],
  stop: ({files}) => files.map((file) => ({run: ['stop', file.replace(/\.conf$/, '')]})),
  forget: () => [{run: ['initctl', 'reload-configuration']}],
};

/** A description ends at its line; a quote inside of it needs a backslash. */
const quoted = (text: string) => text.replace(/[\\"]/g, '\\$&');

/** A line of a value may not look like the end of the script; a shell sees no difference. */
function scriptText(lines: readonly string[]): string {
  return lines.map((line) => line.replace(/\n([ \t]*)e(nd[ \t]+script)/g, "\n$1e''$2")).join('\n');
}

function limitStanzas({limits}: CompleteProcess): string[] {
  const word = (amount: number | 'infinity') => (amount === 'infinity' ? 'unlimited' : String(amount));
  const files = limits.nofile === undefined ? undefined : fileLimits(limits.nofile);
  const both = (['nproc', 'core', 'as', 'data', 'stack', 'memlock', 'fsize'] as const).flatMap((name) => {
    const amount = limits[name];
    return amount === undefined ? [] : [`limit ${name} ${word(amount)} ${word(amount)}`];
  });
  return [...(files ? [`limit nofile ${word(files.soft)} ${word(files.hard)}`] : []), ...both];
}

function respawnStanzas({restart}: CompleteProcess): string[] {
  if (restart.policy === 'no') return [];
  const normal = [
    ...(restart.policy === 'on-failure' ? [0, ...(restart.successExit ?? [])] : []),
    ...(restart.preventExit ?? []),
  ];
  const {limit} = restart;
  return [
    'respawn',
    limit
      ? `respawn limit ${limit.count} ${Math.max(1, Math.ceil(limit.withinMs / 1000))}`
      : 'respawn limit unlimited',
    ...(normal.length > 0 ? [`normal exit ${normal.join(' ')}`] : []),
  ];
}

/** A script of a job runs with the rights of `setuid`, under `limit`, `nice` and `umask` already. */
function leftToScript(of: CompleteProcess): CompleteProcess {
  return {...of, limits: {}, nice: undefined, umask: undefined, oomScoreAdjust: undefined};
}

function hookStanzas(model: CompleteModel, one: PlannedProcess): string[] {
  const {hooks} = one.of;
  // The same variables and directory, and the hook in place of the program.
  const stanza = (name: string, hook: string) => {
    const of = {...leftToScript(one.of), hooks: {}};
    const bare = {...one, of, pidfile: undefined, argv: ['/bin/sh', '-c', hook]};
    const lines = launcherLines({...model, sysctl: {}}, bare);
    return `${name} script\n${scriptText(lines)}\nend script`;
  };
  const joined = (lines: readonly string[] | undefined) => lines?.join(' && ');
  return [
    ...[joined(hooks.postStart)].flatMap((hook) => (hook ? [stanza('post-start', hook)] : [])),
    ...[joined(hooks.preStop)].flatMap((hook) => (hook ? [stanza('pre-stop', hook)] : [])),
    ...[joined(hooks.postStop)].flatMap((hook) => (hook ? [stanza('post-stop', hook)] : [])),
  ];
}

function stanzas(model: CompleteModel, one: PlannedProcess): string[] {
  const {of, user, group} = one;
  return [
    ...respawnStanzas(of),
    ...(user === undefined ? [] : [`setuid ${user}`]),
    ...(group === undefined ? [] : [`setgid ${group}`]),
    ...(of.umask === undefined ? [] : [`umask ${of.umask}`]),
    ...(of.nice === undefined ? [] : [`nice ${of.nice}`]),
    ...(of.oomScoreAdjust === undefined ? [] : [`oom score ${Math.max(-999, of.oomScoreAdjust)}`]),
    ...limitStanzas(of),
    `kill signal ${of.stop.signal}`,
    `kill timeout ${Math.max(1, Math.ceil(of.stop.timeoutMs / 1000))}`,
    ...(of.reload === undefined ? [] : [`reload signal ${of.reload}`]),
    'console log',
    ...hookStanzas(model, one),
    ...(of.extra['upstart'] ?? []),
  ];
}

function script(model: CompleteModel, one: PlannedProcess): string {
  return scriptText(launcherLines({...model, sysctl: {}}, {...one, of: leftToScript(one.of)}, {log: 'file'}));
}

/** Jobs below one of the app; with `types` one of each process type between them, as `upstart` has and `upstart-single` has not. */
export async function renderJobs(
  format: 'upstart' | 'upstart-single',
  {model, planned}: {readonly model: CompleteModel; readonly planned: readonly PlannedProcess[]},
  options: TemplateOptions,
): Promise<UnitFile[]> {
  const templates = await loadTemplates(format, ['app', 'process'], options);
  const marker = markerLine({app: model.name, format});
  const described = (text: string) => `${quoted(model.description ?? model.name)} ${quoted(text)}`.trim();
  const job = (path: string, on: readonly [string, string], description: string): UnitFile => ({
    path: `${path}.conf`,
    content: templates.app({marker, description, startOn: on[0], stopOn: on[1]}),
    mode: 0o644,
  });
  const below = (parent: string) => [`starting ${parent}`, `stopping ${parent}`] as const;
  const types = format === 'upstart' ? [...new Set(planned.map(({of}) => of.name))] : [];
  return [
    job(model.name, ['runlevel [2345]', 'runlevel [!2345]'], described('')),
    ...types.map((type) => job(`${model.name}-${type}`, below(model.name), described(type))),
    ...planned.map((one) => {
      const [startOn, stopOn] = below(format === 'upstart' ? `${model.name}-${one.of.name}` : model.name);
      const content = templates.process({
        marker,
        description: described(one.of.description ?? one.name),
        startOn: one.of.boot ? startOn : 'never-by-itself',
        stopOn,
        stanzas: stanzas(model, one),
        script: script(model, one),
      });
      return {path: `${one.id}.conf`, content, mode: 0o600};
    }),
  ];
}

export const renderFiles = (
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> => renderJobs('upstart', {model, planned}, options);

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  return files.flatMap(({path, content}) => {
    const body = /^script\n([^]*?)\n[ \t]*end[ \t]+script$/m.exec(content)?.[1];
    if (body === undefined) return [];
    const stanza = (name: string) => {
      const found = [
        ...content.slice(0, content.indexOf('\nscript\n')).matchAll(new RegExp(`^${name} (\\S+)$`, 'gm')),
      ];
      if (found.length > 1) throw new ExportFault('EXPORT_MISMATCH', `${path}: ${name} is there twice`);
      return found[0]?.[1];
    };
    return [{...readLauncher(path, body), user: stanza('setuid'), group: stanza('setgid')}];
  });
}
