import {expect, test} from '@jest/globals';
import {testdir} from '@keelson/test-kit';
import {zippedManifests} from '../dist/zipped-manifests.js';

test('zipped packages are known from .pnp.cjs, as yarn writes it', async () => {
  const data = {
    packageRegistryData: [
      [null, [[null, {}]]],
      [
        'a',
        [
          ['npm:1.0.0', {}],
          ['virtual:ab12#npm:2.0.0-rc.1', {}],
        ],
      ],
      ["@x/o'b", [['npm:3.0.0', {}]]],
      ['mine', [['workspace:.', {}]]],
    ],
  };
  const literal = JSON.stringify(data, null, 2).replaceAll(/['\\]/g, '\\$&').replaceAll('\n', '\\\n');
  await using dir = await testdir({
    '.pnp.cjs': `"use strict";\nconst RAW_RUNTIME_STATE =\n'${literal}';\n\nfunction $$SETUP_STATE() {}`,
  });
  expect([...zippedManifests(dir.path).values()].map((text) => JSON.parse(text) as object)).toEqual([
    {name: 'a', version: '1.0.0'},
    {name: 'a', version: '2.0.0-rc.1'},
    {name: "@x/o'b", version: '3.0.0'},
  ]);
});
