import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import {healthcheck} from '../compose/healthcheck.ts';
import {resources, ulimits} from '../compose/resources.ts';
import {ExportFault} from '../fault.ts';
import {loadTemplates, type TemplateOptions} from '../load-templates.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel, CompleteProcess} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import {readYamlText, yamlText} from '../yaml/json-in-yaml.ts';
import {approximate, capabilitiesOf, emulated, native, unsupported} from './capabilities.ts';
import {requireImage} from './require-image.ts';
import type {Checker} from './unit-format.ts';

export const DIRECTORY = '/etc/keelson/compose';

export const CAPABILITIES: Capabilities = capabilitiesOf(
  native({
    root: 'working_dir',
    'user.name': 'user',
    'user.group': 'user',
    'user.supplementary': 'group_add',
    path: 'environment.PATH',
    image: 'image',
    sysctl: 'sysctls',
    'processes.command': 'entrypoint',
    'processes.instances': 'one service an instance',
    'processes.cwd': 'working_dir',
    'processes.env': 'environment',
    'processes.port': 'ports and a variable of each instance',
    'processes.limits.memoryMax': 'mem_limit',
    'processes.limits.swapMax': 'memswap_limit, with mem_limit',
    'processes.limits.cpuQuota': 'cpus',
    'processes.limits.cpus': 'cpuset',
    'processes.limits.tasksMax': 'pids_limit',
    'processes.limits.nofile': 'ulimits.nofile',
    'processes.limits.nproc': 'ulimits.nproc',
    'processes.limits.core': 'ulimits.core',
    'processes.limits.data': 'ulimits.data',
    'processes.limits.stack': 'ulimits.stack',
    'processes.limits.memlock': 'ulimits.memlock',
    'processes.limits.fsize': 'ulimits.fsize',
    'processes.restart.policy': 'restart',
    'processes.stop.signal': 'stop_signal',
    'processes.stop.timeoutMs': 'stop_grace_period',
    'processes.reload': 'docker compose kill -s (no directive)',
    'processes.health': 'healthcheck',
    'processes.logs.rotate': 'logging.options',
    'processes.oomScoreAdjust': 'oom_score_adj',
    'processes.capabilities': 'cap_add',
    'processes.harden': 'security_opt no-new-privileges; strict: cap_drop, read_only',
    'processes.deps.requires': 'depends_on',
    'processes.boot': 'profiles: started by name alone',
  }),
  approximate({
    'processes.limits.cpuWeight': 'cpu_shares: 1024 is the share of any other',
    'processes.limits.memoryHigh': 'mem_reservation',
    'processes.envFiles': 'env_file, read by the rules of compose',
    'processes.restart.limit': 'on-failure:COUNT, whatever the time; with policy on-failure',
  }),
  emulated({
    'processes.logs.output': 'logging.driver none',
    'processes.description': 'a label',
    description: 'a label',
  }),
  unsupported({
    'processes.limits.as': 'engines of containers know no such limit',
    envStorage: 'the file is readable for its owner alone in either case',
    'processes.restart.delayMs': 'the engine waits 100 ms, doubled up to a minute',
    'processes.stop.scope': 'the first process of a container gets the signal, all end with it',
  }),
);

export const capabilityOf: CapabilityOf = (field, _, process) => {
  if (field === 'processes.restart.limit' && process?.restart.policy !== 'on-failure')
    return {status: 'unsupported', by: 'counts only with policy on-failure'};
  if (field === 'processes.limits.swapMax' && process?.limits.memoryMax === undefined)
    return {status: 'unsupported', by: 'counts only with memoryMax'};
  if (field === 'processes.logs.output' && typeof process?.logs.output === 'object')
    return {status: 'unsupported', by: 'a container writes into its own files alone'};
  return field === 'processes.health' && process?.health?.kind === 'watchdog'
    ? {status: 'unsupported', by: 'nobody is told: kind http or exec is asked'}
    : undefined;
};

export const checker: Checker = {
  program: 'docker-compose',
  argv: (files) => ['--file', files[0] ?? '', 'config', '--quiet'],
};

/** Compose replaces variables in every value: `$$` is `$`. */
function literal<T>(value: T): T {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$') as T;
  if (Array.isArray(value)) return value.map(literal) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, literal(one as unknown)])) as T;
}

function restartWord({restart}: CompleteProcess): string {
  if (restart.policy !== 'on-failure') return restart.policy;
  return restart.limit ? `on-failure:${restart.limit.count}` : 'on-failure';
}

function security({harden, capabilities}: CompleteProcess): object {
  return {
    ...(harden === 'none' ? {} : {security_opt: ['no-new-privileges:true']}),
    ...(harden === 'strict' ? {cap_drop: ['ALL'], read_only: true, tmpfs: ['/tmp']} : {}),
    ...(capabilities ? {cap_add: capabilities.map((name) => name.replace(/^CAP_/, ''))} : {}),
  };
}

function logging({logs}: CompleteProcess): object {
  if (logs.output === 'null') return {logging: {driver: 'none'}};
  const {rotate} = logs;
  return rotate
    ? {
        logging: {
          driver: 'json-file',
          options: {'max-size': String(rotate.maxBytes), 'max-file': String(rotate.files)},
        },
      }
    : {};
}

function service(model: CompleteModel, one: PlannedProcess): object {
  const {of, user, group, supplementary, port} = one;
  const description = of.description ?? model.description;
  return {
    image: model.image,
    entrypoint: one.argv,
    command: [],
    working_dir: one.cwd,
    environment: {PATH: one.defaultPath, ...one.env},
    ...(of.envFiles.length > 0
      ? {env_file: of.envFiles.map(({path, optional}) => ({path, required: !optional}))}
      : {}),
    ...(user === undefined ? {} : {user: group === undefined ? user : `${user}:${group}`}),
    ...(supplementary.length > 0 ? {group_add: supplementary} : {}),
    ...(port === undefined ? {} : {ports: [`${port}:${port}`]}),
    ...(description === undefined ? {} : {labels: {'org.opencontainers.image.description': description}}),
    restart: restartWord(of),
    stop_signal: of.stop.signal,
    stop_grace_period: `${of.stop.timeoutMs}ms`,
    ...resources(of),
    ...ulimits(of),
    ...(Object.keys(model.sysctl).length > 0 ? {sysctls: model.sysctl} : {}),
    ...(of.oomScoreAdjust === undefined ? {} : {oom_score_adj: of.oomScoreAdjust}),
    ...security(of),
    ...healthcheck(one),
    ...logging(of),
    ...(of.deps.requires ? {depends_on: of.deps.requires} : {}),
    ...(of.boot ? {} : {profiles: ['manual']}),
  };
}

export async function renderFiles(
  model: CompleteModel,
  planned: readonly PlannedProcess[],
  options: TemplateOptions = {},
): Promise<UnitFile[]> {
  requireImage(model, 'compose');
  const templates = await loadTemplates('compose', ['compose'], options);
  const services = Object.fromEntries(
    planned.map((one) => [`${one.of.name}-${one.index}`, service(model, one)]),
  );
  const content = templates.compose({
    marker: markerLine({app: model.name, format: 'compose'}),
    document: yamlText(literal({name: model.name, services})),
  });
  return [{path: `${model.name}.compose.yaml`, content, mode: 0o600}];
}

interface Service {
  readonly entrypoint: readonly string[];
  readonly working_dir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user?: string;
}

/** Undoes `$$`; another `$` would be replaced by compose. */
function readLiteral(file: string, text: string): string {
  if (/^(?:[^$]|\$\$)*$/.test(text)) return text.replaceAll('$$', '$');
  throw new ExportFault('EXPORT_MISMATCH', `${file}: compose would replace a variable`);
}

export function readFiles(files: readonly UnitFile[]): ReadProcess[] {
  return files.flatMap(({path, content}) => {
    const {services} = readYamlText(content) as {services: Record<string, Service>};
    return Object.values(services).map(({entrypoint, working_dir: cwd, environment, user}) => {
      const [name, group] = user?.split(':') ?? [];
      return {
        file: path,
        env: Object.fromEntries(
          Object.entries(environment).map(([key, value]) => [key, readLiteral(path, value)]),
        ),
        argv: entrypoint.map((word) => readLiteral(path, word)),
        cwd: readLiteral(path, cwd),
        user: name,
        group,
      };
    });
  });
}
