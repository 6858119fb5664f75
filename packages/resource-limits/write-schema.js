// `pnpm run schema`: writes schema.json from the compiled keys. A test fails while it is out of date.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {entryPointsSchema} from './dist/entry-points-schema.js';

writeFileSync(join(import.meta.dirname, 'schema.json'), `${JSON.stringify(entryPointsSchema(), null, 2)}\n`);
