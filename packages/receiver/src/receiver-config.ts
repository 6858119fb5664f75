import {readFile} from 'node:fs/promises';
import * as z from 'zod/mini';
import type {AccessToken} from './authorization.ts';
import {DEFAULT_BRANCH, type BranchRoute} from './branch-routes.ts';
import {ReceiverFault} from './fault.ts';
import type {ReceiverOptions} from './receiver.ts';

const COUNT = 'must be a whole number above 0';
const count = () => z.optional(z.number(COUNT).check(z.int(COUNT), z.positive(COUNT)));

const limits = {
  bodyBytes: count(),
  treeBytes: count(),
  files: count(),
  stallMs: count(),
  sendMs: count(),
  acceptMs: count(),
};

const schema = z.strictObject({
  $schema: z.optional(z.string()),
  apps: z.optional(
    z.record(
      z.string(),
      z.strictObject({
        /** `REPOSITORY#BRANCH`; default `APP#main`. */
        from: z.optional(
          z.string().check(z.regex(/^[a-z][a-z0-9-]{0,62}(#[^\s#~^:?*[\\]+)?$/, 'must be REPOSITORY#BRANCH')),
        ),
        /** Name or folder of the workspace that the app is. */
        workspace: z.optional(z.string().check(z.minLength(1))),
        limits: z.optional(z.strictObject(limits)),
      }),
    ),
  ),
  tokens: z.optional(
    z
      .array(
        z.strictObject({
          name: z.string().check(z.minLength(1)),
          sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/i, 'must be a sha-256')),
          apps: z.optional(z.array(z.string())),
        }),
      )
      .check(z.minLength(1, 'must hold a token; without the key none is asked for')),
  ),
  limits: z.optional(z.strictObject({...limits, atOnce: count(), closeMs: count()})),
});

export interface ReceiverConfig {
  readonly apps: readonly string[] | undefined;
  readonly branches: readonly BranchRoute[] | undefined;
  readonly tokens: readonly AccessToken[] | undefined;
  readonly limits: ReceiverOptions['limits'];
}

/** Reads the file of `--config`: strict JSON. Faults: RECEIVER_BAD_CONFIG with the file, and the field that is wrong. */
export async function readConfig(file: string): Promise<ReceiverConfig> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw bad(file, error.code === 'ENOENT' ? 'there is no such file' : error.message);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad(file, `it is no JSON: ${(error as Error).message}`);
  }
  const read = schema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const what =
      issue?.code === 'unrecognized_keys' ? `there is no key ${issue.keys.join(', ')}` : issue?.message;
    throw bad(file, `${['', ...(issue?.path ?? [])].join('.').slice(1) || 'the whole'}: ${what}`);
  }
  const {apps, limits: general, tokens} = read.data;
  const entries = Object.entries(apps ?? {});
  const own = Object.fromEntries(entries.map(([app, {limits: limit}]) => [app, limit ?? {}]));
  return {
    apps: apps === undefined ? undefined : entries.map(([app]) => app),
    branches:
      apps === undefined
        ? undefined
        : entries.map(([app, {from, workspace}]) => routeOf(app, from, workspace)),
    tokens,
    limits: {...general, apps: own} as ReceiverOptions['limits'],
  };
}

function routeOf(app: string, from: string | undefined, workspace: string | undefined): BranchRoute {
  const [repository = app, branch = DEFAULT_BRANCH] = (from ?? app).split('#', 2);
  return {repository, branch, app, workspace};
}

function bad(file: string, because: string): ReceiverFault {
  return new ReceiverFault('RECEIVER_BAD_CONFIG', `${file}: ${because}`, {
    hint: 'The README of @keelson/receiver shows such a file.',
  });
}
