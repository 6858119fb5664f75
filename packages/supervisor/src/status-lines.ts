import type {ServiceStatus} from './run-service.ts';

/** A status for people: one line about the supervisor, one for each worker. */
export function statusLines({pid, state, since, changing, crashes, generations}: ServiceStatus): string[] {
  const doing = changing === undefined ? '' : `, ${changing} under way`;
  const rows = generations.flatMap(({name, state: of, instances}) =>
    instances.flatMap((instance) =>
      instance.workers.map((worker, at) => [
        instance.workers.length > 1 ? `${instance.name}/${at + 1}` : instance.name,
        worker.state,
        worker.pid === undefined ? 'no process' : `pid ${worker.pid}`,
        `restarts ${worker.restarts}`,
        `since ${worker.since}`,
        `generation ${name} ${of}`,
      ]),
    ),
  );
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return [
    `supervisor ${pid}  ${state}${doing}  since ${since}  crashes ${crashes}`,
    ...rows.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    ),
  ];
}
