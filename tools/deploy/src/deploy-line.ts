import type {Deployment, DeployEvent} from '@keelson/deployer';

type Line<T extends DeployEvent['type']> = (event: Extract<DeployEvent, {type: T}>) => string | undefined;

/** What the pusher reads about each step; a step without a row is not worth a line. */
const LINES: {readonly [T in DeployEvent['type']]?: Line<T>} = {
  'prepare:node-found': ({version}) => `Node ${version}, as engines.node of the app asks for`,
  'deploy:staged': ({release}) => `release ${release}: unpacking`,
  'deploy:prepared': ({release, proved}) =>
    `release ${release}: digests verified${proved > 0 ? `, ${proved} native add-ons load` : ''}`,
  'deploy:configured': ({config}) => (config > 0 ? `configuration ${config} bound` : undefined),
  'deploy:linked': ({paths}) => (paths.length > 0 ? `persistent: ${paths.join(', ')}` : undefined),
  'deploy:rendered': ({paths}) => `rendered: ${paths.join(', ')}`,
  'deploy:migration-printed': ({line}) => `  | ${line}`,
  'deploy:migrated': ({command}) => `release phase passed: ${command}`,
  'deploy:action-printed': ({line}) => `  | ${line}`,
  'deploy:action-ran': ({action}) => `action ${action} passed`,
  'deploy:assets-carried': ({files}) =>
    files > 0 ? `${files} assets of earlier releases stay reachable` : undefined,
  'deploy:check-passed': ({check}) => `check passed: ${check}`,
  'deploy:started': ({release, instances, beside}) =>
    `release ${release}: started ${instances.join(', ')}${beside === undefined ? '' : ` beside release ${beside}`}; checking health`,
  'deploy:ready': ({release}) => `release ${release}: healthy`,
  'deploy:opened': ({release}) => `release ${release}: serves; watching whether it stays healthy`,
  'deploy:baked': ({release, bakeMs}) =>
    bakeMs > 0 ? `release ${release}: stayed healthy for ${bakeMs / 1000} s` : undefined,
  'deploy:drained': ({release}) =>
    release === undefined ? undefined : `release ${release}: finished what it had, and ended`,
  'deploy:pruned': ({releases}) =>
    releases.length > 0 ? `removed releases ${releases.join(', ')}` : undefined,
  'deploy:undone': ({what}) => `undone: ${what}`,
  'deploy:undo-failed': ({what, because}) => `could not undo ${what}: ${because}`,
};

/** One line about a step of a deploy, for a terminal; undefined when there is nothing to say. */
export function deployLine(event: DeployEvent): string | undefined {
  return (LINES[event.type] as Line<DeployEvent['type']> | undefined)?.(event as never);
}

/** How a deployment ended, for a terminal. */
export function resultLines(
  app: string,
  {result, release, because, output, formation}: Deployment,
): string[] {
  const head = `${app}: ${result}: release ${release.number} (${release.version})${because === undefined ? '' : `: ${because}`}`;
  if (result === 'refused') return [...(output ?? []).map((line) => `  | ${line}`), head];
  return [head, ...formationLines({formation})];
}

/** How the machine's limits were shared out, a line an instance: `web.1: 2 workers of 256M, port 5000`. */
export function formationLines({formation}: Pick<Deployment, 'formation'>): string[] {
  return formation.map(({name, workers, memoryBytes, port}) => {
    const share = `${workers === 1 ? '1 process' : `${workers} workers`} of ${wholeMegabytes(memoryBytes)}`;
    return `${name}: ${share}, port ${port}`;
  });
}

function wholeMegabytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 / 1024)}M`;
}
