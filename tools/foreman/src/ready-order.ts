import {ForemanFault} from './fault.ts';

/**
 * Refuses types that wait for each other, and for types that the Procfile lacks.
 * Throws FOREMAN_CYCLE naming the circle, FOREMAN_OPTIONS.
 * @param dependsOn type → types that have to be ready before it starts
 * @param types all types of the Procfile
 */
export function checkDependencies(
  dependsOn: Readonly<Record<string, readonly string[]>>,
  types: readonly string[],
): void {
  for (const [type, names] of Object.entries(dependsOn)) {
    const unknown = [type, ...names].find((name) => !types.includes(name));
    if (unknown === undefined) continue;
    throw new ForemanFault(
      'FOREMAN_OPTIONS',
      `dependsOn of ${type}: the Procfile has no process ${JSON.stringify(unknown)}`,
      {hint: `It defines: ${types.join(', ')}.`},
    );
  }
  const circle = findCircle(new Map(Object.entries(dependsOn)));
  if (circle === undefined) return;
  throw new ForemanFault('FOREMAN_CYCLE', `these processes wait for each other: ${circle.join(' → ')}`, {
    hint: 'Take one of them out of dependsOn.',
  });
}

/** The first circle, beginning and ending with the same name. */
function findCircle(next: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const one of next.get(name) ?? []) {
      const circle = visit(one, [...path, name]);
      if (circle !== undefined) return circle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of next.keys()) {
    const circle = visit(name, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
