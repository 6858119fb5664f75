import {ENTRY_KEYS, MOST} from './entry-point.ts';

const VALUES = {
  size: {type: 'string', pattern: '^0*[1-9][0-9]*[BKMG]$', description: 'A whole number and B, K, M or G.'},
  count: {type: 'integer', minimum: 1, maximum: MOST},
  flag: {type: 'boolean'},
  text: {type: 'string'},
} as const;

/** The JSON Schema of a file of entry points, which this package ships as `schema.json`. */
export function entryPointsSchema(): object {
  const properties = Object.fromEntries(Object.entries(ENTRY_KEYS).map(([key, kind]) => [key, VALUES[kind]]));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Entry points',
    description: 'What the process types of an app need, for keelson-limits --distribute.',
    type: 'object',
    properties: {
      $schema: {type: 'string'},
      entryPoints: {
        type: 'object',
        additionalProperties: {type: 'object', properties, additionalProperties: false},
      },
      env: {
        type: 'object',
        properties: {type: {type: 'string', description: '"dev" adds the debug overheads.'}},
        additionalProperties: false,
      },
    },
    required: ['entryPoints'],
    additionalProperties: false,
  };
}
