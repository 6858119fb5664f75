import {expect, test} from '@jest/globals';
import {billOfMaterials, extractArchive, openArchive, writeArchive} from '@keelson/archive';
import {testdir} from '@keelson/test-kit';
import {FACTS} from './facts.ts';

const pkg = (name: string, version: string, license?: unknown) => JSON.stringify({name, version, license});
const TREE = {
  'package.json': pkg('app', '1.2.3'),
  'node_modules/b/package.json': pkg('b', '1.0.0', 'MIT'),
  'node_modules/@s/a/package.json': pkg('@s/a', '2.0.0-rc.1+x', '(MIT OR Apache-2.0)'),
  'node_modules/@s/a/node_modules/b/package.json': pkg('b', '1.0.0', 'MIT'),
  'node_modules/c/node_modules/b/package.json': pkg('b', '2.0.0', 'SEE LICENSE IN x'),
  'node_modules/c/package.json': pkg('c', '1.0.0', {type: 'MIT'}),
  'node_modules/c/esm/package.json': '{"type": "module"}',
  'node_modules/d/package.json': 'no JSON',
};

test('billOfMaterials lists every package once, and is the same for the same archive', async () => {
  await using work = await testdir();
  await using app = await testdir(TREE);
  const archive = await writeArchive(app.path, {facts: FACTS, to: work.at('app.tgz')});
  const bill = await billOfMaterials(archive);
  expect(bill).toMatchObject({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: expect.stringMatching(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    ),
    metadata: {
      component: {type: 'application', 'bom-ref': 'pkg:npm/app@1.2.3', name: 'app', version: '1.2.3'},
      properties: [{name: 'keelson:digest', value: archive.digest}],
    },
  });
  const library = (purl: string, rest: object) => ({type: 'library', 'bom-ref': purl, purl, ...rest});
  expect(bill.components).toEqual([
    library('pkg:npm/%40s/a@2.0.0-rc.1%2Bx', {
      group: '@s',
      name: 'a',
      version: '2.0.0-rc.1+x',
      licenses: [{expression: '(MIT OR Apache-2.0)'}],
    }),
    library('pkg:npm/b@1.0.0', {name: 'b', version: '1.0.0', licenses: [{expression: 'MIT'}]}),
    library('pkg:npm/b@2.0.0', {
      name: 'b',
      version: '2.0.0',
      licenses: [{license: {name: 'SEE LICENSE IN x'}}],
    }),
    library('pkg:npm/c@1.0.0', {name: 'c', version: '1.0.0'}),
  ]);
  await extractArchive(archive, work.at('tree'));
  expect(await billOfMaterials(await openArchive(work.at('tree')))).toEqual(bill);
});
