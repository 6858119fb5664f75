import * as z from 'zod/mini';
import type {AppConfig, RequiredType} from './app-config.ts';
import {configSchema, packageSchema} from './config-schema.ts';
import {ManifestFault} from './fault.ts';
import {nearestKey} from './nearest-key.ts';
import type {AppManifest} from './read-manifest.ts';

type Issue = z.core.$ZodIssue;

/** package.json's value as our manifest. `path` is for messages. */
export function checkManifest(value: unknown, path: string): AppManifest {
  const {data, error} = packageSchema.safeParse(value, {error: z.locales.en().localeError});
  if (error) throw invalid(path, error.issues.flatMap(describeIssue));
  const {name, version, engines, packageManager, scripts, keelson} = data;
  const missing = (keelson.build.scripts ?? []).filter((script) => !Object.hasOwn(scripts, script));
  if (missing.length > 0)
    throw invalid(
      path,
      missing.map((script) => `keelson.build.scripts: ${unknownOf('script', script, Object.keys(scripts))}`),
    );
  // heroku runs the first one there is: https://devcenter.heroku.com/articles/nodejs-support#customizing-the-build-process
  const builds = ['heroku-postbuild', 'build'].filter((script) => Object.hasOwn(scripts, script));
  const build = {...keelson.build, scripts: keelson.build.scripts ?? builds.slice(0, 1)};
  const app: AppConfig = {...keelson, ...requirements(keelson.required), build};
  return {kind: 'app-manifest', name, version, node: engines.node, packageManager, scripts, app};
}

/** Names, or names and types. */
function requirements(
  required: readonly string[] | Readonly<Record<string, RequiredType>>,
): Pick<AppConfig, 'required' | 'requiredTypes'> {
  return isList(required) ? {required} : {required: Object.keys(required), requiredTypes: required};
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

function invalid(path: string, problems: readonly string[]): ManifestFault {
  const text =
    problems.length === 1
      ? `${path}: ${problems[0]}`
      : `${path}:\n${problems.map((line) => `  ${line}`).join('\n')}`;
  const ours = problems.some((problem) => problem.startsWith('keelson'));
  return new ManifestFault('MANIFEST_INVALID', text, {
    hint: ours
      ? 'The keys of the "keelson" section are listed in @keelson/manifest/schema.json.'
      : 'https://docs.npmjs.com/cli/configuring-npm/package-json says what belongs there.',
  });
}

function describeIssue(issue: Issue): string[] {
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The form that was meant is the one of which not the whole is wrong.
    const meant = issue.errors.find((issues) => issues.every(({path}) => path.length > 0));
    return (meant ?? issue.errors[0]!).flatMap((inner) =>
      describeIssue({...inner, path: [...issue.path, ...inner.path]}),
    );
  }
  const field = issue.path.length === 0 ? 'the file' : issue.path.reduce<string>(appendKey, '');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${field}: ${unknownOf('key', key, keysAt(issue.path))}`);
  if (issue.code === 'invalid_key')
    return [`${field}: ${issue.issues.map(({message}) => plain(message)).join(', ')}`];
  return [`${field}: ${plain(issue.message)}`];
}

function unknownOf(what: 'key' | 'script', name: string, known: readonly string[]): string {
  const nearest = nearestKey(name, known);
  if (nearest !== undefined) return `there is no ${what} "${name}"; did you mean "${nearest}"?`;
  const all = known.length === 0 ? '' : ` (${known.join(', ')})`;
  return `there is no ${what} "${name}"${all}`;
}

function appendKey(path: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? String(key) : `${path}.${String(key)}`;
}

/** zod's `Invalid input: expected …` without its first words. */
function plain(message: string): string {
  return message
    .replace(/^(?:Invalid \w+|Too \w+): /, '')
    .replace(/, received undefined$/, ', but it is missing');
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
}

/** The keys that the schema knows at a path of package.json. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema = z.toJSONSchema(configSchema, {io: 'input'}) as JsonSchema;
  for (const key of path.slice(1)) {
    const below = schema.properties?.[String(key)] ?? schema.additionalProperties;
    if (typeof below !== 'object') return [];
    schema = below;
  }
  return Object.keys(schema.properties ?? {});
}
