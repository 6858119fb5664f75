import {BuildFault} from '../fault.ts';
import type {PackageNode} from './dependency-graph.ts';

/** Where a package goes: below the `node_modules` of its parent's place, or the app itself. */
export interface Place {
  readonly node: PackageNode;
  /** `node_modules/a/node_modules/b`; '' for the app. */
  readonly path: string;
  readonly children: ReadonlyMap<string, Place>;
}

interface OpenPlace extends Place {
  readonly parent: OpenPlace | undefined;
  readonly depth: number;
  readonly children: Map<string, OpenPlace>;
  /** What somebody at or below this place gets from further up: nothing else may come under that name here. */
  readonly passed: Map<string, PackageNode>;
}

// Packages of several versions that need one another in a circle would be nested without end.
const DEEPEST = 40;

/**
 * Lays a graph of packages out as a tree of real folders in which each finds by name what it had found where it was installed; as near
 * to the app as that allows, so that packages which do not declare all they use find it, too. The same graph gives the same tree.
 * Faults: BUILD_WORKSPACE.
 */
export function placePackages(app: PackageNode): Place {
  const root = open(app, undefined, '');
  const todo: OpenPlace[] = [root];
  for (const place of todo)
    // grows while it is walked: all of one level before the next
    for (const [name, need] of [...place.node.needs].sort(([one], [other]) => (one < other ? -1 : 1))) {
      const placed = provide(place, name, need);
      if (placed !== undefined) todo.push(placed);
    }
  return root;
}

/** Undefined: it is there already. */
function provide(place: OpenPlace, name: string, need: PackageNode): OpenPlace | undefined {
  let at: OpenPlace | undefined;
  let there: OpenPlace | undefined;
  for (let one: OpenPlace | undefined = place; one !== undefined; one = one.parent) {
    there = one.children.get(name);
    if (there?.node === need) at = one;
    if (there !== undefined) break;
    if ((one.passed.get(name) ?? need) === need) at = one;
  }
  if (at === undefined || place.depth > DEEPEST)
    throw new BuildFault(
      'BUILD_WORKSPACE',
      `${name} cannot be laid out below ${place.path}: packages need one another in a circle`,
    );
  for (let one = place; one !== at; one = one.parent!) one.passed.set(name, need);
  if (there?.node === need) return undefined;
  const placed = open(need, at, `${at.path === '' ? '' : `${at.path}/`}node_modules/${name}`);
  at.children.set(name, placed);
  return placed;
}

function open(node: PackageNode, parent: OpenPlace | undefined, path: string): OpenPlace {
  return {node, parent, path, depth: (parent?.depth ?? -1) + 1, children: new Map(), passed: new Map()};
}
