import {isAbsolute, normalize} from 'node:path/posix';
import * as z from 'zod/mini';
import type {DeploySettings, ProjectRules} from './deploy-settings.ts';
import {nearestTo} from './nearest.ts';

const count = (least: number) => z.optional(z.int().check(z.gte(least)));
const text = z.string().check(z.minLength(1));
const size = z.string().check(z.regex(/^[1-9]\d*[BKMG]$/, 'has to be a size such as 512M'));
const urlPath = z.string().check(z.regex(/^\//, 'has to start with /'));
const expression = text.check(z.refine(isExpression, 'is no regular expression'));
const port = z.int().check(z.gte(1), z.lte(65_535));
const status = z.int().check(z.gte(100), z.lte(599));
const folder = text.check(z.refine(isFolderBelow, 'has to be a folder inside of the app'));

const file = text.check(z.refine(isFileBelow, 'has to be a plain path of a file inside of the app'));
const target = file.check(z.refine(isOfTheApp, 'belongs to the release and cannot be rendered'));

const CHECK = {
  tcp: z.optional(z.union([z.literal(true), port])),
  http: z.optional(urlPath),
  status: z.optional(z.union([status, z.array(status)])),
  body: z.optional(expression),
  headers: z.optional(z.record(text, expression)),
  command: z.optional(text),
  staysUpMs: z.optional(z.int().check(z.gte(1), z.lte(3_600_000))),
  log: z.optional(expression),
  timeoutMs: z.optional(z.int().check(z.gte(1), z.lte(3_600_000))),
};

const check = z.strictObject(CHECK).check(
  z.refine(
    (one) =>
      [one.tcp, one.http, one.command, one.staysUpMs, one.log].filter((it) => it !== undefined).length === 1,
    'takes exactly one of tcp, http, command, staysUpMs and log',
  ),
  z.refine(
    (one) => one.http !== undefined || [one.status, one.body, one.headers].every((it) => it === undefined),
    'status, body and headers belong to http',
  ),
);

const RULES = {
  actions: z.optional(
    z.record(text.check(z.regex(/^[\w-]+$/, 'is no name of an action')), z.union([text, z.array(text)])),
  ),
  checks: z.optional(z.array(check)),
  assets: z.optional(z.strictObject({folders: z.optional(z.array(folder)), keep: count(0)})),
};

const PROJECT_KEYS = {
  ...RULES,
  migrations: z.optional(
    z
      .array(z.strictObject({name: text, kind: z.enum(['expand', 'contract']), run: text}))
      .check(
        z.refine(
          (all) => new Set(all.map(({name}) => name)).size === all.length,
          'names each migration once',
        ),
      ),
  ),
  templates: z.optional(
    z
      .record(target, file)
      .check(
        z.refine(
          (all) => Object.values(all).every((source) => !Object.hasOwn(all, source)),
          'has a file that is both a template and what is rendered',
        ),
      ),
  ),
};

const processType = z.string().check(z.regex(/^[A-Za-z0-9_-]+$/, 'is no name of a process type'));
const whole = (least: number, most = 1_000_000) => z.optional(z.int().check(z.gte(least), z.lte(most)));
const weight = z.optional(z.number().check(z.positive()));

const TUNE_KEYS = {
  minMemory: z.optional(size),
  maxMemory: z.optional(size),
  maxTotalMemory: z.optional(size),
  connMemory: z.optional(size),
  connFD: whole(1),
  memWeight: weight,
  cpuWeight: weight,
  instances: whole(1, 1000),
  maxInstances: whole(1, 1000),
  scalable: z.optional(z.boolean()),
  multiCore: z.optional(z.boolean()),
  reloadable: z.optional(z.boolean()),
  graceMs: whole(0, 3_600_000),
};

const tune = z.strictObject(TUNE_KEYS);

const mount = z
  .strictObject({
    app: z.optional(processType),
    serve: z.optional(folder),
    tune: z.optional(z.record(text, z.unknown())),
  })
  .check(z.refine(({app, serve}) => app !== undefined || serve !== undefined, 'takes app, serve or both'));

const MACHINE_KEYS = {
  environment: z.optional(text),
  keep: count(1),
  disk: z.optional(size),
  bakeMs: z.optional(z.int().check(z.gte(0), z.lte(3_600_000))),
  memory: z.optional(size),
  cpus: z.optional(z.number().check(z.gt(0))),
  key: z.optional(text),
  user: z.optional(text),
  group: z.optional(text),
  tmpDir: z.optional(text.check(z.refine(isAbsolute, 'has to be an absolute path'))),
  toolTune: z.optional(z.strictObject({node: z.optional(tune)})),
};

const SETTINGS_KEYS = {
  ...RULES,
  ...MACHINE_KEYS,
  health: z.optional(z.strictObject({path: z.optional(urlPath), timeoutMs: count(1)})),
  tools: z.optional(z.strictObject({node: z.optional(text)})),
  formation: z.optional(z.record(z.string(), z.int().check(z.gte(0)))),
  port: z.optional(port),
  persistent: z.optional(z.array(folder)),
  entryPoints: z.optional(
    z.record(processType, z.strictObject({command: z.optional(text), tune: z.optional(tune)})),
  ),
  webcfg: z.optional(
    z.strictObject({
      root: z.optional(folder),
      main: z.optional(processType),
      mounts: z.optional(z.record(urlPath, z.union([processType, mount]))),
    }),
  ),
};

const PROJECT = z.strictObject(PROJECT_KEYS);
const SETTINGS = z.strictObject(SETTINGS_KEYS);
const MACHINE = z.strictObject(MACHINE_KEYS);

const KINDS = {
  project: {schema: PROJECT, keys: PROJECT_KEYS},
  settings: {schema: SETTINGS, keys: SETTINGS_KEYS},
  machine: {schema: MACHINE, keys: MACHINE_KEYS},
};

const INNER = [
  ...'path timeoutMs folders keep name kind run node command tune root main mounts app serve'.split(' '),
  ...Object.keys(CHECK),
  ...Object.keys(TUNE_KEYS),
];

type Checked<T> = {readonly value: T} | {readonly problems: readonly string[]};

/** Settings of a deployment, an app or a machine, or every problem as `field: because`. */
export function checkSettings(
  value: unknown,
  which: keyof typeof KINDS,
): Checked<DeploySettings | ProjectRules> {
  const {schema, keys} = KINDS[which];
  return checked(schema.safeParse(value, {error: z.locales.en().localeError}), keys);
}

/** The JSON Schema of `<root>/keelson.json`, which this package ships as `schema.json`. */
export function settingsJsonSchema(): object {
  return jsonSchema(SETTINGS, 'keelson.json', 'How a deployment differs from what the app says.');
}

/** The JSON Schema of an app's `keelson.deploy.json`, which this package ships as `project-schema.json`. */
export function projectJsonSchema(): object {
  return jsonSchema(PROJECT, 'keelson.deploy.json', 'How an app is deployed, wherever that is.');
}

/** The JSON Schema of `/etc/keelson/keelson.json` and a user's, which this package ships as `machine-schema.json`. */
export function machineJsonSchema(): object {
  return jsonSchema(MACHINE, 'keelson.json', 'What all deployments of a machine or a user have in common.');
}

function jsonSchema(of: z.ZodMiniType, title: string, description: string): object {
  const {$schema, ...schema} = z.toJSONSchema(of, {io: 'input'});
  return {$schema, title, description, ...schema};
}

function checked(parsed: z.core.util.SafeParseResult<object>, keys: object): Checked<object> {
  if (parsed.success) return {value: parsed.data};
  return {
    problems: parsed.error.issues.map((issue) => {
      if (issue.code !== 'unrecognized_keys')
        return `${issue.path.join('.') || 'the whole'}: ${innermost(issue)}`;
      const named = issue.keys.map((key) => [...issue.path, key].join('.')).join(', ');
      const nearest = nearestTo(issue.keys[0]!, issue.path.length === 0 ? Object.keys(keys) : INNER);
      return `${named}: not a setting${nearest === undefined ? '' : ` (did you mean ${nearest}?)`}`;
    }),
  };
}

/** Of a name that a record does not take: why. */
function innermost(issue: z.core.$ZodIssue): string {
  const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  return message ?? issue.message;
}

function isExpression(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}

function isFolderBelow(path: string): boolean {
  const clean = normalize(path);
  return !isAbsolute(path) && !/^\.\.?(\/|$)/.test(clean) && !path.includes('\0');
}

function isFileBelow(path: string): boolean {
  return isFolderBelow(path) && normalize(path) === path && !path.endsWith('/');
}

/** What is read of a release before and after its files are rendered says the same. */
function isOfTheApp(path: string): boolean {
  return !/^(node_modules\/|(package\.json|keelson\.json|keelson\.deploy\.json|Procfile)$)/.test(path);
}
