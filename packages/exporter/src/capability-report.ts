import type {CompleteModel, CompleteProcess} from './model-schema.ts';
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

type ProcessGroup = 'limits' | 'restart' | 'start' | 'stop' | 'hooks' | 'logs' | 'deps';
type AppGroup = 'user' | 'target';

type Grouped<Owner, Name extends keyof Owner & string> = {
  [One in Name]: `${One}.${keyof NonNullable<Owner[One]> & string}`;
}[Name];

type ProcessField = Exclude<keyof ServiceProcess, ProcessGroup> | Grouped<ServiceProcess, ProcessGroup>;

/** Every field that a model can set. */
export type Field =
  | Exclude<keyof ServiceModel, AppGroup | 'processes'>
  | Grouped<ServiceModel, AppGroup>
  | `processes.${ProcessField}`;

export type Capability = Pick<CapabilityRow, 'status' | 'by'>;

/** What a format makes of each field; none can be forgotten. */
export type Capabilities = Readonly<Record<Field, Capability>>;

/** Where it depends on the value: what this format makes of this field here; undefined: what its table says. */
export type CapabilityOf = (
  field: Field,
  model: CompleteModel,
  process?: CompleteProcess,
) => Capability | undefined;

const GROUPS = new Set(['user', 'target', 'limits', 'restart', 'start', 'stop', 'hooks', 'logs', 'deps']);

/** Names of the fields that an object sets; those of a group as `group.field`. */
function setFields(value: object): string[] {
  return Object.entries(value).flatMap(([name, inside]) => {
    if (inside === undefined || name === 'processes') return [];
    return GROUPS.has(name) ? setFields(inside as object).map((field) => `${name}.${field}`) : [name];
  });
}

/** A command is what the shell makes of it; only a plain one is native. */
function commandRow(planned: PlannedProcess | undefined): Pick<CapabilityRow, 'status' | 'by'> | undefined {
  if (planned?.above !== undefined)
    return {
      status: 'approximate',
      by: `${planned.above} stays above the command, so on stop everything below it gets the signal at once`,
    };
  return planned?.form === 'exec'
    ? {status: 'launcher', by: '/bin/sh expands the command and becomes the program'}
    : undefined;
}

export interface Reported {
  readonly capabilities: Capabilities;
  readonly capabilityOf?: CapabilityOf | undefined;
}

/** One row for each field that the model sets, in its order. */
export function capabilityReport(
  model: ServiceModel,
  {complete, planned}: {readonly complete: CompleteModel; readonly planned: readonly PlannedProcess[]},
  {capabilities, capabilityOf}: Reported,
): CapabilityRow[] {
  const row = (field: Field, process?: CompleteProcess) =>
    capabilityOf?.(field, complete, process) ?? capabilities[field];
  const ofApp = setFields(model).map((field) => ({field, ...row(field as Field)}));
  const ofProcesses = model.processes.flatMap((process, index) => {
    const first = planned.find(({of}) => of.name === process.name);
    return setFields(process).map((field) => ({
      process: process.name,
      field,
      ...row(`processes.${field}` as Field, complete.processes[index]),
      ...(field === 'command' ? commandRow(first) : undefined),
    }));
  });
  return [...ofApp, ...ofProcesses];
}

/** What a person should know of a report: a line for each field that loses something, and for a command that needs a shell. */
export function reportNotes(report: readonly CapabilityRow[]): string[] {
  return report
    .filter(
      ({field, status, by}) =>
        status === 'unsupported' ||
        status === 'approximate' ||
        (field === 'command' && status === 'launcher' && by.startsWith('/bin/sh')),
    )
    .map(({process = 'app', field, status, by}) => `${process}: ${field} is ${status}: ${by}`);
}
