import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from '@jest/globals';
import {packageRoot} from '@keelson/test-kit';
import {FAULT_TABLE} from './faults-table.ts';

const packages = join(packageRoot(import.meta.url), '..');
const rows = Object.entries(FAULT_TABLE);

test('the table has no hole', () => {
  expect(rows.map(([number]) => Number(number))).toEqual(Array.from({length: 47}, (_, at) => at + 1));
});

test.each(rows)('%s is shown by a test, or known to be open', (_, {shown, open}) => {
  expect(shown.length > 0).toBe(open === undefined);
  for (const [file, title] of shown) expect(readFileSync(join(packages, file), 'utf8')).toContain(title);
});
