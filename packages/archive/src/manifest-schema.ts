import * as z from 'zod/mini';
import type {ArchiveEntry, StoredManifest} from './archive-manifest.ts';

const text = z.string();
const path = z.string().check(z.minLength(1), z.maxLength(1024));
const size = z.int().check(z.gte(0));
const digest = z.templateLiteral(['sha256-', z.string().check(z.regex(/^[0-9a-f]{64}$/))]);

const entry = z.discriminatedUnion('mode', [
  z.object({
    path,
    mode: z.enum(['644', '755']),
    size,
    sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  }),
  z.object({path, mode: z.literal('link'), target: z.string().check(z.maxLength(1024))}),
]);

// Not strict: what a later version of the same schema adds is passed over. What has to be understood raises `schema`.
const headKeys = {
  schema: z.literal(1),
  name: text.check(z.minLength(1)),
  version: text,
  source: z.object({
    revision: z.optional(text),
    origin: z.optional(text),
    dirty: z.optional(z.boolean()),
  }),
  builder: text,
  node: z.object({
    range: z.optional(text),
    version: text,
    abi: text,
    platform: text,
    arch: text,
    libc: z.optional(z.enum(['glibc', 'musl'])),
  }),
  packageManager: z.object({
    name: text,
    version: z.optional(text),
    lockfile: z.optional(text),
    lockDigest: z.optional(digest),
  }),
  scripts: z.array(text),
  processTypes: z.array(text),
  required: z.array(text),
  addons: z.array(path),
  dependencies: z.optional(
    z.object({
      installScripts: z.optional(z.object({ran: z.array(text), heldBack: z.array(text)})),
      signatures: z.optional(z.object({verified: size})),
      minReleaseAge: z.optional(z.object({days: size, packages: size})),
    }),
  ),
  contents: z.object({entries: size, bytes: size}),
  digest,
  folders: z.array(path),
  caseSensitive: z.optional(z.array(path)),
};
const headSchema = z.object(headKeys);
const manifestSchema = z.object({...headKeys, entries: z.array(entry)});

/** The JSON Schema of `keelson.json`, which this package ships as `schema.json`. */
export function manifestJsonSchema(): object {
  const {$schema, ...schema} = z.toJSONSchema(manifestSchema, {io: 'input'});
  return {$schema, title: 'keelson.json', description: 'What an archive says about itself.', ...schema};
}

export type ManifestReading = {readonly manifest: StoredManifest} | {readonly problem: string};

export function readManifestJson(json: string): ManifestReading {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return {problem: 'it is not JSON'};
  }
  const {schema, entries} = (typeof value === 'object' && value !== null ? value : {}) as {
    schema?: unknown;
    entries?: unknown;
  };
  if (typeof schema === 'number' && schema > 1)
    return {problem: `it has schema ${schema}, and this version of Keelson knows only 1`};
  const result = headSchema.safeParse(value);
  if (result.success) {
    if (!Array.isArray(entries)) return {problem: 'entries: it is not of type array'};
    const bad = entries.findIndex((each) => !isEntry(each));
    if (bad !== -1) return {problem: `entries.${bad}: it is not what it should be`};
    return {manifest: {...result.data, entries: entries.map(plainEntry)}};
  }
  const issue = result.error.issues[0]!;
  return {problem: `${issue.path.length === 0 ? '' : `${issue.path.join('.')}: `}${problemOf(issue)}`};
}

const SHA256 = /^[0-9a-f]{64}$/;

/** What the schema says of an entry, by hand: there may be tens of thousands, and zod takes a quarter of a second for them. */
export function isEntry(value: unknown): value is ArchiveEntry {
  if (typeof value !== 'object' || value === null) return false;
  const {path, mode, size, sha256, target} = value as Record<string, unknown>;
  if (typeof path !== 'string' || path.length === 0 || path.length > 1024) return false;
  if (mode === 'link') return typeof target === 'string' && target.length <= 1024;
  if (mode !== '644' && mode !== '755') return false;
  return (
    Number.isSafeInteger(size) && (size as number) >= 0 && typeof sha256 === 'string' && SHA256.test(sha256)
  );
}

/** Without keys that a later version may have. */
function plainEntry(entry: ArchiveEntry): ArchiveEntry {
  if (entry.mode === 'link') return {path: entry.path, mode: entry.mode, target: entry.target};
  const {path, mode, size, sha256} = entry;
  return {path, mode, size, sha256};
}

/** The mini build of zod brings no texts along. */
function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `it is not of type ${issue.expected}`;
  if (issue.code === 'invalid_value') return `it is none of ${issue.values.map(String).join(', ')}`;
  return 'it is not what it should be';
}
