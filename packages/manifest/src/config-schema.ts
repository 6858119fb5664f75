import {isAbsolute, normalize} from 'node:path/posix';
import * as z from 'zod/mini';
import type {AppConfig} from './app-config.ts';

const pattern = (expression: RegExp, error?: string) => z.string().check(z.regex(expression, error));
const count = z.int().check(z.gte(0), z.lte(1000));
const weight = z.number().check(z.positive());
/** Whole number and unit, as `@keelson/resource-limits` reads it. */
const size = pattern(/^0*[1-9]\d*[BKMG]$/);
/** The name of a process type in a Procfile. */
const processType = pattern(/^[A-Za-z0-9_-]+$/);
const urlPath = pattern(/^\/[\x21-\x7e]*$/);
const variable = pattern(/^[A-Za-z_][A-Za-z0-9_]*$/);
const requiredType = z.enum(['string', 'int', 'number', 'bool', 'port', 'url', 'json']);

const folderBelow = z.string().check(
  z.refine(
    (path: string) => !isAbsolute(path) && !/^\.\.?(\/|$)/.test(normalize(path)) && !path.includes('\0'),
    {
      error: 'must be a folder inside of the app, relative to package.json',
    },
  ),
);

const port = z.int().check(z.gte(1), z.lte(65_535));

const ready = z
  .strictObject({
    port: z.optional(z.union([port, z.literal(true)])),
    line: z.optional(z.string().check(z.minLength(1), z.refine(isExpression, 'is no regular expression'))),
    http: z.optional(urlPath),
    timeoutMs: z.optional(z.int().check(z.gte(1), z.lte(3_600_000))),
  })
  .check(
    z.refine(({port: own, line, http}) => [own, line, http].filter((one) => one !== undefined).length === 1, {
      error: 'takes exactly one of port, line and http',
    }),
  );

/** The `keelson` section of package.json. Strict: a key that is not known here is an error. */
export const configSchema = z.strictObject({
  build: z.prefault(
    z.strictObject({
      scripts: z.optional(z.array(z.string().check(z.minLength(1)))),
      secrets: z.optional(z.array(z.string().check(z.minLength(1)))),
    }),
    {},
  ),
  persistent: z._default(z.array(z.pipe(folderBelow, z.transform(withoutTrailingSlash))), []),
  required: z._default(z.union([z.array(variable), z.record(variable, requiredType)]), []),
  health: z.prefault(
    z.strictObject({
      path: z._default(urlPath, '/'),
      timeoutMs: z._default(z.int().check(z.gte(1), z.lte(3_600_000)), 30_000),
    }),
    {},
  ),
  formation: z._default(z.record(processType, count), {}),
  processes: z._default(
    z.record(
      processType,
      z.strictObject({
        minMemory: z.optional(size),
        connMemory: z.optional(size),
        memWeight: z.optional(weight),
        cpuWeight: z.optional(weight),
        maxInstances: z.optional(count),
        instances: z.optional(count),
        scalable: z.optional(z.boolean()),
        multiCore: z.optional(z.boolean()),
        reloadable: z.optional(z.boolean()),
        stopSignal: z.optional(
          z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGKILL']),
        ),
        graceMs: z.optional(z.int().check(z.gte(0), z.lte(3_600_000))),
        port: z.optional(port),
        canDie: z.optional(z.boolean()),
        restart: z.optional(z.enum(['no', 'on-failure', 'always'])),
        dependsOn: z.optional(z.array(processType)),
        ready: z.optional(ready),
        watch: z.optional(z.array(z.string().check(z.minLength(1)))),
      }),
    ),
    {},
  ),
}) satisfies z.ZodMiniType<Omit<AppConfig, 'build' | 'required' | 'requiredTypes'>>;

/** What of package.json itself we read; everything else in it is somebody else's. */
export const packageSchema = z.object({
  // npm's rule, but upper case of old names passes: https://docs.npmjs.com/cli/configuring-npm/package-json#name
  name: pattern(
    /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i,
    'must be one that npm takes, such as my-app or @me/my-app',
  ).check(z.maxLength(214)),
  version: z._default(
    pattern(
      /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/,
      'must be one such as 1.2.3 or 1.2.3-beta.1',
    ),
    '0.0.0',
  ),
  engines: z._default(z.object({node: z.optional(z.string())}), {}),
  packageManager: z.optional(z.string()),
  scripts: z._default(z.record(z.string(), z.string()), {}),
  keelson: z.prefault(configSchema, {}),
});

/** The JSON Schema of the `keelson` section, which this package ships as `schema.json`. */
export function configJsonSchema(): object {
  const {$schema, ...schema} = z.toJSONSchema(configSchema, {io: 'input'});
  return {
    $schema,
    title: 'keelson',
    description: 'The "keelson" section of package.json: how an app is built, checked and run.',
    ...schema,
  };
}

function withoutTrailingSlash(path: string): string {
  return normalize(path).replace(/\/$/, '');
}

function isExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
