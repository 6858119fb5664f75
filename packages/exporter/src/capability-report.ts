import type {PlannedProcess} from './planned-processes.ts';
import type {ServiceModel, ServiceProcess} from './service-model.ts';

export type CapabilityStatus = 'native' | 'launcher' | 'emulated' | 'approximate' | 'unsupported';

/** How one field that the model sets came out in the format. */
export interface CapabilityRow {
  /** Process type; absent for a field of the whole app. */
  readonly process?: string | undefined;
  /** Path in the model: `limits.memoryMax`. */
  readonly field: string;
  readonly status: CapabilityStatus;
  /** The directive, or why it isn't native. */
  readonly by: string;
}

type ProcessField =
  | Exclude<keyof ServiceProcess, 'limits' | 'restart' | 'stop' | 'logs'>
  | `limits.${keyof NonNullable<ServiceProcess['limits']>}`
  | `restart.${keyof NonNullable<ServiceProcess['restart']>}`
  | `stop.${keyof NonNullable<ServiceProcess['stop']>}`
  | `logs.${keyof NonNullable<ServiceProcess['logs']>}`;

/** Every field that a model can set. */
type Field =
  | Exclude<keyof ServiceModel, 'user' | 'processes'>
  | `user.${keyof NonNullable<ServiceModel['user']>}`
  | `processes.${ProcessField}`;

/** What a format makes of each field; none can be forgotten. */
export type Capabilities = Readonly<Record<Field, {readonly status: CapabilityStatus; readonly by: string}>>;

const GROUPS = new Set(['user', 'limits', 'restart', 'stop', 'logs']);

/** Names of the fields that an object sets; those of a group as `group.field`. */
function setFields(value: object): string[] {
  return Object.entries(value).flatMap(([name, inside]) => {
    if (inside === undefined || name === 'processes') return [];
    return GROUPS.has(name) ? setFields(inside as object).map((field) => `${name}.${field}`) : [name];
  });
}

/** A command is what the shell makes of it; only a plain one is native. */
function commandRow(form: PlannedProcess['form']): Pick<CapabilityRow, 'status' | 'by'> | undefined {
  if (form === 'exec') return {status: 'launcher', by: '/bin/sh expands the command and becomes the program'};
  if (form === 'direct') return undefined;
  return {
    status: 'approximate',
    by: 'a shell stays above the command: on stop everything below it gets the signal at once (KillMode=control-group)',
  };
}

/** One row for each field that the model sets, in its order. */
export function capabilityReport(
  model: ServiceModel,
  capabilities: Capabilities,
  planned: readonly PlannedProcess[],
): CapabilityRow[] {
  const ofApp = setFields(model).map((field) => ({field, ...capabilities[field as Field]}));
  const ofProcesses = model.processes.flatMap((process) => {
    const form = planned.find(({of}) => of.name === process.name)?.form ?? 'direct';
    return setFields(process).map((field) => ({
      process: process.name,
      field,
      ...capabilities[`processes.${field}` as Field],
      ...(field === 'command' ? commandRow(form) : undefined),
    }));
  });
  return [...ofApp, ...ofProcesses];
}

/** What a person should know of a report: a line for each field that isn't native. */
export function reportNotes(report: readonly CapabilityRow[]): string[] {
  return report
    .filter(({status}) => status !== 'native')
    .map(({process = 'app', field, status, by}) => `${process}: ${field} is ${status}: ${by}`);
}
