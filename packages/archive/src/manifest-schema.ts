import * as z from 'zod/mini';
import type {StoredManifest} from './archive-manifest.ts';

const text = z.string();
const path = z.string().check(z.minLength(1), z.maxLength(1024));
const size = z.int().check(z.gte(0));
const digest = z.templateLiteral(['sha256-', z.string().check(z.regex(/^[0-9a-f]{64}$/))]);

/** `keelson.json`. Strict: a key that is not known here is an error. */
const manifestSchema = z.strictObject({
  schema: z.literal(1),
  name: text.check(z.minLength(1)),
  version: text,
  source: z.strictObject({
    revision: z.optional(text),
    origin: z.optional(text),
    dirty: z.optional(z.boolean()),
  }),
  builder: text,
  node: z.strictObject({
    range: z.optional(text),
    version: text,
    abi: text,
    platform: text,
    arch: text,
    libc: z.optional(z.enum(['glibc', 'musl'])),
  }),
  packageManager: z.strictObject({
    name: text,
    version: z.optional(text),
    lockfile: z.optional(text),
    lockDigest: z.optional(digest),
  }),
  scripts: z.array(text),
  processTypes: z.array(text),
  required: z.array(text),
  addons: z.array(path),
  contents: z.strictObject({entries: size, bytes: size}),
  digest,
  folders: z.array(path),
  entries: z.array(
    z.discriminatedUnion('mode', [
      z.strictObject({
        path,
        mode: z.enum(['644', '755']),
        size,
        sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
      }),
      z.strictObject({path, mode: z.literal('link'), target: z.string().check(z.maxLength(1024))}),
    ]),
  ),
});

/** The JSON Schema of `keelson.json`, which this package ships as `schema.json`. */
export function manifestJsonSchema(): object {
  const {$schema, ...schema} = z.toJSONSchema(manifestSchema);
  return {$schema, title: 'keelson.json', description: 'What an archive says about itself.', ...schema};
}

export function readManifestJson(
  json: string,
): {readonly manifest: StoredManifest} | {readonly problem: string} {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return {problem: 'it is not JSON'};
  }
  const {schema} = (typeof value === 'object' && value !== null ? value : {}) as {schema?: unknown};
  if (typeof schema === 'number' && schema > 1)
    return {problem: `it has schema ${schema}, and this version of Keelson knows only 1`};
  const result = manifestSchema.safeParse(value);
  if (result.success) return {manifest: result.data};
  const issue = result.error.issues[0]!;
  return {problem: `${issue.path.length === 0 ? '' : `${issue.path.join('.')}: `}${problemOf(issue)}`};
}

/** The mini build of zod brings no texts along. */
function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `there is no ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_type') return `it is not of type ${issue.expected}`;
  if (issue.code === 'invalid_value') return `it is none of ${issue.values.map(String).join(', ')}`;
  return 'it is not what it should be';
}
