import {ForemanFault} from './fault.ts';
import {readyCondition, type ReadyCondition, type ReadyConfig} from './ready-condition.ts';

/** Who waits for whom, and what for. */
export interface ReadyPlan {
  /** Type → the types that have to be ready before it starts; only those that are started at all. */
  readonly dependsOn: ReadonlyMap<string, readonly string[]>;
  /** Type → when it is ready; a type that is not here is ready as soon as it runs. */
  readonly conditions: ReadonlyMap<string, ReadyCondition>;
  /** What a type depends on, although nobody starts it here: for a warning. */
  readonly missing: readonly {readonly type: string; readonly dependency: string}[];
}

interface Wanted {
  /** All types of the Procfile. */
  readonly types: readonly string[];
  /** Those with at least one instance. */
  readonly started: readonly string[];
  readonly dependsOn: Readonly<Record<string, readonly string[]>>;
  readonly ready: Readonly<Record<string, ReadyConfig>>;
  /** False when nobody gets a PORT. */
  readonly hasPorts: boolean;
}

/** Throws FOREMAN_OPTIONS for a name that the Procfile lacks or a bad condition, FOREMAN_CYCLE when types wait for each other. */
export function planReadiness({types, started, dependsOn, ready, hasPorts}: Wanted): ReadyPlan {
  const known = (name: string, where: string) => {
    if (types.includes(name)) return;
    throw new ForemanFault('FOREMAN_OPTIONS', `${where}: there is no process ${name}`, {
      hint: `The Procfile defines: ${types.join(', ')}.`,
    });
  };
  for (const [type, names] of Object.entries(dependsOn)) {
    known(type, 'depends');
    for (const name of names) known(name, `${type} depends on ${name}`);
  }
  for (const type of Object.keys(ready)) known(type, 'ready');
  refuseCycles(dependsOn);
  const conditions = new Map(
    Object.entries(ready).map(([type, config]) => [type, readyCondition(type, config)]),
  );
  if (!hasPorts) refusePorts(conditions);

  const waits = (type: string) => [...new Set(Object.hasOwn(dependsOn, type) ? dependsOn[type] : [])];
  return {
    dependsOn: new Map(started.map((type) => [type, waits(type).filter((name) => started.includes(name))])),
    conditions,
    missing: started.flatMap((type) =>
      waits(type)
        .filter((dependency) => !started.includes(dependency))
        .map((dependency) => ({type, dependency})),
    ),
  };
}

function refuseCycles(dependsOn: Wanted['dependsOn']): void {
  const done = new Set<string>();
  const visit = (type: string, path: readonly string[]): void => {
    if (path.includes(type)) {
      const circle = [...path.slice(path.indexOf(type)), type].join(' → ');
      throw new ForemanFault('FOREMAN_CYCLE', `these processes wait for each other: ${circle}`, {
        hint: 'Take one of them out of dependsOn.',
      });
    }
    if (done.has(type)) return;
    for (const next of Object.hasOwn(dependsOn, type) ? dependsOn[type]! : []) visit(next, [...path, type]);
    done.add(type);
  };
  for (const type of Object.keys(dependsOn)) visit(type, []);
}

function refusePorts(conditions: ReadyPlan['conditions']): void {
  for (const [type, {kind, port}] of conditions as Map<string, ReadyCondition & {port?: number}>) {
    if (kind === 'line' || port !== undefined) continue;
    throw new ForemanFault('FOREMAN_OPTIONS', `ready of ${type}: it has no PORT to look at`, {
      hint: 'Leave out --no-port, or wait for a line or for a port with a number.',
    });
  }
}
