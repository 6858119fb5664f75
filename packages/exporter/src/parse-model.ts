import {nearest} from '@keelson/cli-kit/nearest';
import {ExportFault} from './fault.ts';
import type {ParsedModel} from './model-schema.ts';
import {describeIssue, type Issue, tellingIssue} from './model-issue.ts';
import type {Amount} from './service-rules.ts';

function refuse(field: string, because: string, hint?: string): never {
  throw new ExportFault('EXPORT_MODEL', `service model: ${field} ${because}`, {hint});
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'the value' : path.map(String).join('.');
}

/** Names of all properties of a JSON Schema, at any depth. */
function propertyNames(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(propertyNames)];
}

async function refuseIssue(issue: Issue, model: unknown): Promise<never> {
  const key = issue.keys?.[0];
  if (key !== undefined) {
    const near = nearest(key, propertyNames(await serviceModelSchema()));
    return refuse(nameOf([...issue.path, key]), 'is not known', near && `Did you mean ${near}?`);
  }
  const {because, hint} = describeIssue(issue, model);
  return refuse(nameOf(issue.path), because, hint);
}

const amount = (value: Amount) => (value === 'infinity' ? Infinity : value);

/** Of two that bound each other. */
function checkBounds({instances, limits, scale}: ParsedModel['processes'][number], field: string): void {
  const {nofile, memoryHigh = 0, memoryMax = Infinity} = limits;
  if (typeof nofile === 'object' && amount(nofile.soft) > amount(nofile.hard))
    refuse(`${field}.limits.nofile`, 'has a soft limit above the hard one');
  if (memoryHigh > memoryMax) refuse(`${field}.limits.memoryHigh`, 'is above memoryMax');
  if (scale && scale.max < instances) refuse(`${field}.scale.max`, `is less than the ${instances} instances`);
}

/** What the schema cannot say: names and ports that meet, and a PATH that would fall apart. */
function checkTogether({root, path, processes}: ParsedModel): void {
  const names = new Set<string>();
  const ports = new Map<number, string>();
  for (const [index, process] of processes.entries()) checkBounds(process, `processes.${index}`);
  for (const {name, instances, port} of processes) {
    if (names.has(name)) refuse('processes', `has ${name} twice`);
    names.add(name);
    for (let index = 1; port && index <= instances; index++) {
      const number = port.base + index - 1;
      const instance = `${name}.${index}`;
      if (number > 65_535)
        refuse('processes', `gives ${instance} port ${number}`, 'Lower port.base or instances.');
      if (ports.has(number))
        refuse('processes', `gives ${instance} and ${ports.get(number)} the same port ${number}`);
      ports.set(number, instance);
    }
  }
  if (path === undefined && root.includes(':'))
    refuse('root', 'holds a colon, which PATH cannot', 'Set path.');
}

/** Objects of JavaScript, and with them zod, pass over this name; nothing is to be lost without a word. */
function refuseLostName(value: unknown, path: readonly string[] = []): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inside] of Object.entries(value)) {
    if (name === '__proto__') refuse(nameOf([...path, name]), 'is a name that cannot be kept');
    refuseLostName(inside, [...path, name]);
  }
}

/**
 * Checks a service model and fills in every default.
 * Faults: EXPORT_MODEL, naming the field and, for an unknown one, the nearest that there is.
 */
export async function parseServiceModel(value: unknown): Promise<ParsedModel> {
  refuseLostName(value);
  const {modelSchema} = await import('./model-schema.ts');
  const parsed = modelSchema.safeParse(value);
  if (!parsed.success) return refuseIssue(tellingIssue(parsed.error.issues as Issue[]), value);
  const model: ParsedModel = parsed.data;
  checkTogether(model);
  return model;
}

/** The JSON Schema of a service model; the same is in `schemas/service-model.json`. */
export async function serviceModelSchema(): Promise<object> {
  const {jsonSchema} = await import('./model-schema.ts');
  return jsonSchema();
}
