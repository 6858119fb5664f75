import * as z from 'zod/mini';

import {absolute, count, inside, line, matching, milliseconds, text, variable} from './schema-atoms.ts';

const amount = z.union([z.int().check(z.gte(0)), z.literal('infinity')]);
const bytes = z.int().check(z.gte(1));
const weight = z.int().check(z.gte(1), z.lte(10_000));
const exitCodes = z.array(z.int().check(z.gte(0), z.lte(255))).check(z.minLength(1));
const signal = z.enum([
  'SIGTERM',
  'SIGINT',
  'SIGQUIT',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
  'SIGKILL',
]);
const octal = matching(/^0?[0-7]{3}$/, 'is not an octal mode');
const serviceName = matching(/^[A-Za-z0-9][A-Za-z0-9@:._-]{0,127}$/, 'is not the name of a service');
const command = text.check(
  z.minLength(1),
  z.refine((value) => !/[\r\n]/.test(value), 'is more than one line'),
);
const services = z.array(serviceName).check(z.minLength(1));
const hooks = z.array(command).check(z.minLength(1));

const limits = z.strictObject({
  memoryMax: z.optional(bytes),
  memoryHigh: z.optional(bytes),
  swapMax: z.optional(z.int().check(z.gte(0))),
  cpuQuota: z.optional(z.number().check(z.gte(0.01), z.lte(10_000))),
  cpuWeight: z.optional(weight),
  cpus: z.optional(matching(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, 'is not a list of CPUs')),
  tasksMax: z.optional(count),
  ioWeight: z.optional(weight),
  nofile: z.optional(z.union([amount, z.strictObject({soft: amount, hard: amount})])),
  nproc: z.optional(amount),
  core: z.optional(amount),
  as: z.optional(amount),
  data: z.optional(amount),
  stack: z.optional(amount),
  memlock: z.optional(amount),
  fsize: z.optional(amount),
});

const restart = z.strictObject({
  policy: z._default(z.enum(['no', 'on-failure', 'always']), 'always'),
  delayMs: z._default(milliseconds, 1000),
  maxDelayMs: z.optional(milliseconds),
  limit: z.optional(
    z.strictObject({count: z.int().check(z.gte(1), z.lte(1_000_000)), withinMs: milliseconds}),
  ),
  preventExit: z.optional(exitCodes),
  successExit: z.optional(exitCodes),
});

const health = z.strictObject({
  kind: z.enum(['http', 'exec', 'watchdog']),
  path: z._default(matching(/^\/[!-~]*$/, 'is not the path of a URL'), '/'),
  command: z.optional(command),
  intervalMs: z._default(milliseconds, 10_000),
  timeoutMs: z._default(milliseconds, 5000),
  retries: z._default(count, 3),
});

export const processSchema = z.strictObject({
  name: matching(/^[A-Za-z0-9_-]{1,64}$/, 'is not the name of a process type'),
  description: z.optional(line),
  command: z.union([
    command,
    z.strictObject({
      argv: z.array(text).check(
        z.minLength(1),
        z.refine((argv) => /^[^-=][^=]*$/.test(argv[0] ?? ''), 'begins with no program'),
      ),
    }),
  ]),
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
  scale: z.optional(
    z.strictObject({
      max: z.int().check(z.gte(1), z.lte(10_000)),
      cpuPercent: z._default(z.int().check(z.gte(1), z.lte(1000)), 80),
    }),
  ),
  limits: z._default(limits, {}),
  restart: z._default(restart, {policy: 'always', delayMs: 1000}),
  start: z._default(
    z.strictObject({
      ready: z._default(z.enum(['exec', 'notify']), 'exec'),
      timeoutMs: z.optional(milliseconds),
    }),
    {ready: 'exec'},
  ),
  stop: z._default(
    z.strictObject({
      signal: z._default(signal, 'SIGTERM'),
      timeoutMs: z._default(milliseconds, 10_000),
      scope: z.optional(z.enum(['main', 'group'])),
    }),
    {signal: 'SIGTERM', timeoutMs: 10_000},
  ),
  reload: z.optional(signal),
  health: z.optional(health),
  hooks: z._default(
    z.strictObject({
      preStart: z.optional(hooks),
      postStart: z.optional(hooks),
      preStop: z.optional(hooks),
      postStop: z.optional(hooks),
    }),
    {},
  ),
  logs: z._default(
    z.strictObject({
      tag: z.optional(matching(/^[A-Za-z0-9._-]{1,64}$/, 'is not a tag')),
      output: z._default(z.union([z.enum(['manager', 'null']), z.strictObject({file: absolute})]), 'manager'),
      rotate: z.optional(z.strictObject({maxBytes: bytes, files: count})),
    }),
    {output: 'manager'},
  ),
  pidfile: z.optional(absolute),
  umask: z.optional(octal),
  nice: z.optional(z.int().check(z.gte(-20), z.lte(19))),
  ioClass: z.optional(z.enum(['realtime', 'best-effort', 'idle'])),
  oomScoreAdjust: z.optional(z.int().check(z.gte(-1000), z.lte(1000))),
  sockets: z.optional(
    z
      .array(
        z.strictObject({
          listen: matching(/^[!-$&-~]+$/, 'is not an address or path without blanks and %'),
          name: z.optional(matching(/^[A-Za-z0-9._-]{1,64}$/, 'is not the name of a socket')),
          backlog: z.optional(count),
          mode: z.optional(octal),
        }),
      )
      .check(z.minLength(1)),
  ),
  capabilities: z.optional(
    z.array(matching(/^CAP_[A-Z_]{2,40}$/, 'is not a capability(7)')).check(z.minLength(1)),
  ),
  harden: z._default(z.enum(['none', 'basic', 'strict']), 'basic'),
  deps: z._default(
    z.strictObject({
      requires: z.optional(services),
      wants: z.optional(services),
      after: z.optional(services),
      network: z.optional(z.enum(['network', 'online'])),
    }),
    {},
  ),
  boot: z._default(z.boolean(), true),
  extra: z._default(z.record(z.string(), z.array(line)), {}),
});
