import type {Runtime} from '@keelson/deployer';
import type {Generation, Supervisor} from '@keelson/supervisor';

/** The `Runtime` port of a deploy, played by a supervisor of this process: it holds the sockets, a release is a generation. */
export function supervisorRuntime(supervisor: Supervisor): Runtime<Generation> {
  let open: Generation | undefined;
  return {
    start: ({release, ...workload}, options) =>
      supervisor.start({name: String(release.number), ...workload}, options),
    ready: (generation, options) => generation.ready(options),
    async open(generation) {
      await generation.open();
      open = generation;
    },
    watch: (generation, ms, options) => generation.watch(ms, options),
    drain: (generation) => generation.drain(),
    async stop(generation) {
      await generation.stop();
      if (open === generation) open = undefined;
    },
    running: () => open,
  };
}
