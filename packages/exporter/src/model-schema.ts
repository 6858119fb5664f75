import * as z from 'zod/mini';

import {processSchema} from './process-schema.ts';
import {absolute, count, line, matching} from './schema-atoms.ts';

// oxlint-disable no-control-regex -- control characters are what these keep out

const ACCOUNT = /^([a-z_][a-z0-9_-]{0,30}\$?|\d{1,10})$/;
const programName = matching(/^[^\u0000-\u001f\u007f/=]+$/, 'is not the name of a program');
const group = matching(ACCOUNT, 'is not the name of a group');

export const modelSchema = z.strictObject({
  schema: z.literal(1),
  name: matching(/^[a-z][a-z0-9-]{0,62}$/, 'is not the name of an app (a-z, 0-9 and -)'),
  description: z.optional(line),
  root: absolute,
  user: z.optional(
    z.strictObject({
      name: matching(ACCOUNT, 'is not the name of a user'),
      group: z.optional(group),
      supplementary: z.optional(z.array(group).check(z.minLength(1))),
    }),
  ),
  unitDir: z.optional(absolute),
  logDir: z.optional(absolute),
  path: z.optional(
    z
      .array(absolute.check(z.refine((directory) => !directory.includes(':'), 'holds a colon')))
      .check(z.minLength(1)),
  ),
  programs: z._default(z.record(programName, absolute), {}),
  envStorage: z._default(z.enum(['file', 'inline']), 'file'),
  image: z.optional(matching(/^[A-Za-z0-9][A-Za-z0-9._\-/:@]{0,254}$/, 'is not the name of an image')),
  sysctl: z._default(
    z.record(
      matching(/^[a-z][a-z0-9_]*([./][A-Za-z0-9_-]+)+$/, 'is not the name of a kernel parameter'),
      matching(/^[ -~]{1,256}$/, 'is not a value of a kernel parameter'),
    ),
    {},
  ),
  target: z._default(
    z.strictObject({
      version: z.optional(count),
      scope: z._default(z.enum(['system', 'user']), 'system'),
      units: z._default(z.enum(['flat', 'template']), 'flat'),
    }),
    {scope: 'system', units: 'flat'},
  ),
  processes: z.array(processSchema).check(z.minLength(1)),
});

/** A checked model with every default that is none of a format. */
export type ParsedModel = z.output<typeof modelSchema>;
export type CompleteProcess = ParsedModel['processes'][number];
/** A checked model with every default filled in, those of a format too. */
export type CompleteModel = ParsedModel & {readonly unitDir: string};

/** The model's JSON Schema, as a person or an editor writes it (defaults may be left out). */
export function jsonSchema(): object {
  return {
    ...z.toJSONSchema(modelSchema, {io: 'input'}),
    title: 'Keelson service model',
  };
}
