import type {Runtime} from '@keelson/deployer';
import type {Generation, Supervisor} from '@keelson/supervisor';

/** The `Runtime` port of a deploy, played by a supervisor of this process: it holds the sockets, a release is a generation. */
export function supervisorRuntime(supervisor: Supervisor): Runtime<Generation> {
  // Those that take traffic, oldest first: two while one hands over to the other.
  const open: Generation[] = [];
  const close = (generation: Generation) => {
    const at = open.indexOf(generation);
    if (at >= 0) open.splice(at, 1);
  };
  return {
    start: ({release, ...workload}, options) =>
      supervisor.start({name: String(release.number), ...workload}, options),
    ready: (generation, options) => generation.ready(options),
    async open(generation) {
      await generation.open();
      open.push(generation);
    },
    watch: (generation, ms, options) => generation.watch(ms, options),
    drain(generation) {
      close(generation);
      return generation.drain();
    },
    stop(generation) {
      close(generation);
      return generation.stop();
    },
    running: () => open.at(-1),
    reach: (generation) => generation.reach(),
    printed: (generation) => generation.printed(),
  };
}
