// `pnpm run schema`: writes schema.json, project-schema.json and machine-schema.json from the compiled schemas. A test fails while they are out of date.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {machineJsonSchema, projectJsonSchema, settingsJsonSchema} from './dist/settings-schema.js';

const write = (name, schema) =>
  writeFileSync(join(import.meta.dirname, name), `${JSON.stringify(schema, null, 2)}\n`);
write('schema.json', settingsJsonSchema());
write('project-schema.json', projectJsonSchema());
write('machine-schema.json', machineJsonSchema());
