import type {ServerStatus} from './control-server.ts';
import {configServerLine} from './serve-line.ts';
import type {AppStatus} from './status-of.ts';

/** For a terminal. */
export function statusLines(status: ServerStatus | AppStatus): string[] {
  if (status.kind === 'app-status') {
    const {app, current, generations} = status;
    if (current === undefined) return [`${app}  nothing is deployed`];
    const {number, version, config} = current;
    return [
      `${app}  current: release ${number} (${version}), config ${config}`,
      ...(generations.length === 0
        ? [`${app}  does not run`]
        : generations.flatMap((one) => generationLines(app, one))),
    ];
  }
  return [
    `pushes arrive at ${status.url}`,
    ...status.apps.flatMap(({name, resuming, supervisor: {generations}, configServer}) => [
      ...(resuming === undefined ? [] : [resumingLine(name, resuming)]),
      ...(resuming === undefined && generations.length === 0 ? [`${name}  stopped`] : []),
      ...(configServer === undefined ? [] : [`${name}  ${configServerLine(configServer)}`]),
      ...generations.flatMap((one) => generationLines(name, one)),
    ]),
  ];
}

function resumingLine(
  app: string,
  {attempts, because, nextAt}: NonNullable<ServerStatus['apps'][number]['resuming']>,
): string {
  const times = attempts === 1 ? 'once' : `${attempts} times`;
  const next = nextAt === undefined ? 'being tried again now' : `tried again at ${nextAt}`;
  return `${app}  does not run: tried ${times}: ${because}; ${next}`;
}

function generationLines(app: string, {name, state, instances}: AppStatus['generations'][number]): string[] {
  return instances.map((one) => {
    const pids = one.workers.map((worker) => `${worker.pid} ${worker.state}`).join(', ');
    return `${app}  release ${name}  ${state}  ${one.name}  port ${one.port}  pid ${pids}`;
  });
}
