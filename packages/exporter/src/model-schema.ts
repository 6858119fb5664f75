import * as z from 'zod/mini';

// oxlint-disable no-control-regex -- control characters are what these keep out

const LINE = /^[^\u0000-\u001f\u007f]*$/;
const NOT_NUL = /^[^\0]*$/;
const ACCOUNT = /^([a-z_][a-z0-9_-]{0,30}\$?|\d{1,10})$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
// What no manager can pass on: execve(2) ends a string at NUL, and half a surrogate pair is no text.
const isText = (text: string) => NOT_NUL.test(text) && !/\p{Surrogate}/u.test(text);

const line = z.string().check(z.regex(LINE, 'holds a control character'));
const text = z.string().check(z.refine(isText, 'holds a NUL or half a surrogate pair'));
const absolute = z.string().check(
  z.regex(/^\/[^\u0000-\u001f\u007f]*$/, 'is not an absolute path without control characters'),
  z.refine((path) => !path.split('/').includes('..'), 'goes upwards'),
);
const inside = z.string().check(
  z.regex(LINE, 'holds a control character'),
  z.refine((path) => path !== '' && !path.split('/').includes('..'), 'is empty or goes upwards'),
);
const milliseconds = z.int().check(z.gte(0), z.lte(86_400_000));
const variable = z.string().check(z.regex(ENV_NAME, 'is not the name of a variable'));
const programName = z.string().check(z.regex(/^[^\u0000-\u001f\u007f/=]+$/, 'is not the name of a program'));

const processSchema = z.strictObject({
  name: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not the name of a process type')),
  command: text.check(
    z.minLength(1),
    z.refine((command) => !/[\r\n]/.test(command), 'is more than one line'),
  ),
  instances: z._default(z.int().check(z.gte(0), z.lte(10_000)), 1),
  cwd: z.optional(inside),
  env: z._default(z.record(variable, text), {}),
  envFiles: z._default(
    z.array(z.strictObject({path: absolute, optional: z._default(z.boolean(), false)})),
    [],
  ),
  port: z.optional(
    z.strictObject({base: z.int().check(z.gte(1), z.lte(65_535)), env: z._default(variable, 'PORT')}),
  ),
  limits: z._default(
    z.strictObject({
      memoryMax: z.optional(z.int().check(z.gte(1))),
      cpuQuota: z.optional(z.number().check(z.gte(0.01), z.lte(10_000))),
      nofile: z.optional(z.int().check(z.gte(1))),
    }),
    {},
  ),
  restart: z._default(
    z.strictObject({
      policy: z._default(z.enum(['no', 'on-failure', 'always']), 'always'),
      delayMs: z._default(milliseconds, 1000),
      limit: z.optional(
        z.strictObject({count: z.int().check(z.gte(1), z.lte(1_000_000)), withinMs: milliseconds}),
      ),
    }),
    {policy: 'always', delayMs: 1000},
  ),
  stop: z._default(
    z.strictObject({
      signal: z._default(
        z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGKILL']),
        'SIGTERM',
      ),
      timeoutMs: z._default(milliseconds, 10_000),
    }),
    {signal: 'SIGTERM', timeoutMs: 10_000},
  ),
  logs: z._default(
    z.strictObject({tag: z.optional(z.string().check(z.regex(/^[A-Za-z0-9._-]{1,64}$/, 'is not a tag')))}),
    {},
  ),
  harden: z._default(z.enum(['none', 'basic']), 'basic'),
});

export const modelSchema = z.strictObject({
  schema: z.literal(1),
  name: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,62}$/, 'is not the name of an app (a-z, 0-9 and -)')),
  description: z.optional(line),
  root: absolute,
  user: z.optional(
    z.strictObject({
      name: z.string().check(z.regex(ACCOUNT, 'is not the name of a user')),
      group: z.optional(z.string().check(z.regex(ACCOUNT, 'is not the name of a group'))),
    }),
  ),
  unitDir: z._default(absolute, '/etc/systemd/system'),
  path: z.optional(
    z
      .array(absolute.check(z.refine((directory) => !directory.includes(':'), 'holds a colon')))
      .check(z.minLength(1)),
  ),
  programs: z._default(z.record(programName, absolute), {}),
  envStorage: z._default(z.enum(['file', 'inline']), 'file'),
  processes: z.array(processSchema).check(z.minLength(1)),
});

export type CompleteModel = z.output<typeof modelSchema>;
export type CompleteProcess = CompleteModel['processes'][number];

/** The model's JSON Schema, as a person or an editor writes it (defaults may be left out). */
export function jsonSchema(): object {
  return {
    ...z.toJSONSchema(modelSchema, {io: 'input'}),
    title: 'Keelson service model',
  };
}
