import * as z from 'zod/mini';
import type {DeploySettings} from './deploy-settings.ts';
import {nearestTo} from './nearest.ts';

const count = (least: number) => z.optional(z.int().check(z.gte(least)));

const SETTINGS = z.strictObject({
  keep: count(1),
  bakeMs: z.optional(z.int().check(z.gte(0), z.lte(3_600_000))),
  health: z.optional(
    z.strictObject({
      path: z.optional(z.string().check(z.regex(/^\//, 'has to start with /'))),
      timeoutMs: count(1),
    }),
  ),
  formation: z.optional(z.record(z.string(), z.int().check(z.gte(0)))),
  memory: z.optional(z.string().check(z.regex(/^[1-9]\d*[BKMG]$/, 'has to be a size such as 512M'))),
  cpus: z.optional(z.number().check(z.gt(0))),
  port: z.optional(z.int().check(z.gte(1), z.lte(65_535))),
});

const KEYS = ['keep', 'bakeMs', 'health', 'path', 'timeoutMs', 'formation', 'memory', 'cpus', 'port'];

/** The settings, or every problem as `field: because`. */
export function checkSettings(
  value: unknown,
): {readonly settings: DeploySettings} | {readonly problems: readonly string[]} {
  const parsed = SETTINGS.safeParse(value, {error: z.locales.en().localeError});
  if (parsed.success) return {settings: parsed.data};
  return {
    problems: parsed.error.issues.map((issue) => {
      if (issue.code !== 'unrecognized_keys')
        return `${issue.path.join('.') || 'the whole'}: ${issue.message}`;
      const named = issue.keys.map((key) => [...issue.path, key].join('.')).join(', ');
      const nearest = nearestTo(issue.keys[0]!, KEYS);
      return `${named}: not a setting${nearest === undefined ? '' : ` (did you mean ${nearest}?)`}`;
    }),
  };
}
