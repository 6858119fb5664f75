import {describe, expect, test} from '@jest/globals';
import fc from 'fast-check';
import type {PackageNode} from '../dist/workspace/dependency-graph.js';
import {placePackages, type Place} from '../dist/workspace/place-packages.js';

/** A graph from `name@version → [name@version, …]`; `app` is the app. */
function graph(needs: Readonly<Record<string, readonly string[]>>): PackageNode {
  const nodes = new Map<string, PackageNode>();
  const nodeAt = (id: string): PackageNode => {
    const known = nodes.get(id);
    if (known !== undefined) return known;
    const node: PackageNode = {path: id, file: {}, workspace: false, needs: new Map()};
    nodes.set(id, node);
    for (const need of needs[id] ?? []) node.needs.set(need.split('@')[0]!, nodeAt(need));
    return node;
  };
  return nodeAt('app');
}

function* allPlaces(
  place: Place,
  above: readonly Place[] = [],
): Generator<readonly [Place, readonly Place[]]> {
  yield [place, above];
  for (const child of place.children.values()) yield* allPlaces(child, [place, ...above]);
}

const paths = (needs: Readonly<Record<string, readonly string[]>>) =>
  [...allPlaces(placePackages(graph(needs)))].map(([{path, node}]) => `${path} ${node.path}`).sort();

describe('placePackages', () => {
  test.each([
    [
      'all of one version at the top',
      {app: ['a@1'], 'a@1': ['b@1']},
      ['node_modules/a a@1', 'node_modules/b b@1'],
    ],
    [
      'another version below who needs it',
      {app: ['a@1', 'b@2'], 'a@1': ['b@1']},
      ['node_modules/a a@1', 'node_modules/a/node_modules/b b@1', 'node_modules/b b@2'],
    ],
    [
      'what was found further up is not hidden by what comes later',
      // c@1 below a gets b@2 from the top; that a later needs b@1 for d must not change it.
      {app: ['a@1', 'b@2', 'c@2', 'd@2'], 'a@1': ['c@1', 'd@1'], 'c@1': ['b@2'], 'd@1': ['b@1']},
      [
        'node_modules/a a@1',
        'node_modules/a/node_modules/c c@1',
        'node_modules/a/node_modules/d d@1',
        'node_modules/a/node_modules/d/node_modules/b b@1',
        'node_modules/b b@2',
        'node_modules/c c@2',
        'node_modules/d d@2',
      ],
    ],
    [
      'circles',
      {app: ['a@1'], 'a@1': ['b@1'], 'b@1': ['a@1', 'b@1']},
      ['node_modules/a a@1', 'node_modules/b b@1'],
    ],
  ])('%s', (_title, needs, expected) => {
    expect(paths(needs)).toEqual([' app', ...expected]);
  });

  test('a circle of several versions that cannot be laid out is refused', () => {
    const needs = {app: ['a@1', 'b@1'], 'a@1': ['b@1'], 'b@1': ['a@2'], 'a@2': ['b@2'], 'b@2': ['a@1']};
    expect(() => placePackages(graph(needs))).toThrow(/need one another in a circle/);
  });

  test('each package finds exactly what it found where it was installed, and the order of the graph does not matter', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const ids = names.flatMap((name) => [`${name}@1`, `${name}@2`, `${name}@3`]);
    // Only ever from a lower to a higher name: without circles it always works.
    const needsOf = (from: number) =>
      fc
        .tuple(...names.map((_, index) => fc.integer({min: index > from ? 0 : 4, max: 4})))
        .map((versions) =>
          versions.flatMap((version, index) =>
            version >= 1 && version <= 3 ? [`${names[index]}@${version}`] : [],
          ),
        );
    const graphs = fc
      .tuple(needsOf(-1), ...ids.map((id) => needsOf(names.indexOf(id[0]!))))
      .map(([app, ...others]) => ({
        app,
        ...Object.fromEntries(ids.map((id, index) => [id, others[index]!])),
      }));
    fc.assert(
      fc.property(graphs, (needs) => {
        for (const [place, above] of allPlaces(placePackages(graph(needs))))
          for (const [name, need] of place.node.needs) {
            const found = [place, ...above].find(({children}) => children.has(name))?.children.get(name);
            expect(found?.node.path).toBe(need.path);
          }
        const turned = Object.fromEntries(Object.entries(needs).map(([id, list]) => [id, list.toReversed()]));
        expect(paths(turned)).toEqual(paths(needs));
      }),
      {numRuns: 300},
    );
  });
});
