// `node --run schema` or `pnpm run schema`: writes schema.json from the compiled schema. A test fails while it is out of date.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {configJsonSchema} from './dist/config-schema.js';

writeFileSync(join(import.meta.dirname, 'schema.json'), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
