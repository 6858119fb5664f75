import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {expect, test} from '@jest/globals';
import {capabilityMatrix, matrixLines} from '@keelson/exporter';
import {packageRoot} from '@keelson/test-kit';

/** Cells of a Markdown table, however wide its columns are. */
const cells = (lines: readonly string[]) =>
  lines
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim().replace(/^(:?)-+(:?)$/, '$1-$2')));

test('the table of the README is what keelson-render matrix prints', async () => {
  const readme = readFileSync(join(packageRoot(import.meta.url), 'README.md'), 'utf8');
  const [, table = ''] = /<!-- matrix -->([^]*?)<!-- \/matrix -->/.exec(readme) ?? [];
  expect(cells(table.split('\n'))).toEqual(cells(matrixLines(await capabilityMatrix())));
});
