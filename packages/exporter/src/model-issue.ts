import {nearest} from '@keelson/cli-kit/nearest';

/** What zod says of a value that breaks the schema. */
export interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** That are not known. */
  readonly keys?: readonly string[];
  /** One of which it has to be. */
  readonly values?: readonly unknown[];
  readonly expected?: string;
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  /** Of each of the shapes that it may have. */
  readonly errors?: readonly (readonly Issue[])[];
  /** Of the name of a field. */
  readonly issues?: readonly Issue[];
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

/** Of a choice of shapes: what is wrong within one of them, if anything is. */
function within(issue: Issue): readonly Issue[] {
  const inside = (issue.errors ?? [])
    .flatMap((shape) => shape.flatMap(within))
    .filter(({path, keys, code}) => path.length > 0 || keys !== undefined || code === 'custom');
  if (inside.length === 0) return [issue];
  return inside.map((one) => ({...one, path: [...issue.path, ...one.path]}));
}

/** What a person should hear of first: a field that is not known, because the one that it was meant to be is missing then. */
export function tellingIssue(issues: readonly Issue[]): Issue {
  const all = issues.flatMap(within);
  return all.find(({keys}) => keys !== undefined) ?? all[0]!;
}

function wanted({errors, values, expected, origin, minimum, maximum}: Issue): readonly string[] {
  if (errors !== undefined) return errors.flatMap((shape) => shape.flatMap(wanted));
  if (values !== undefined) return values.map(String);
  const of = origin === 'array' ? 'a list of ' : origin === 'string' ? 'text of ' : '';
  if (minimum !== undefined) return [`${of}${minimum} or more`];
  if (maximum !== undefined) return [`${of}${maximum} or less`];
  return expected === undefined ? [] : [KINDS[expected] ?? expected];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inside, key) => (inside as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key],
    value,
  );
}

/** Why a value of the model is refused, after the name of its field, and what was probably meant. Holds nothing of the value. */
export function describeIssue(issue: Issue, model: unknown): {because: string; hint: string | undefined} {
  const value = valueAt(model, issue.path);
  const all = wanted(issue);
  const choice = [all.slice(0, -1).join(', '), ...all.slice(-1)].filter((part) => part !== '').join(' or ');
  if (choice !== '') {
    const near = typeof value === 'string' ? nearest(value, issue.values?.map(String) ?? []) : undefined;
    const because = value === undefined ? `is missing: it has to be ${choice}` : `has to be ${choice}`;
    return {because, hint: near && `Did you mean ${near}?`};
  }
  return {because: issue.issues?.[0]?.message ?? issue.message, hint: undefined};
}
