// `node --run schema` or `pnpm run schema`: writes schema.json from the compiled schema. A test fails while it is out of date.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {manifestJsonSchema} from './dist/manifest-schema.js';

writeFileSync(join(import.meta.dirname, 'schema.json'), `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`);
