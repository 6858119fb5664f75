import {StepCommand} from '@keelson/cli-kit';
import type {ServerStatus} from '../control-server.ts';
import {rootFlag} from '../server-flags.ts';

export default class Status extends StepCommand {
  static override summary = 'Show what a server runs.';
  static override examples = ['<%= config.bin %> <%= command.id %> --root /srv/keelson'];
  static override flags = {
    root: rootFlag(),
  };

  override async run(): Promise<ServerStatus> {
    const {flags} = await this.parse(Status);
    const {configServerLine} = await import('../serve-line.ts');
    const {askServer} = await import('../ask-server.ts');
    const status = await askServer<ServerStatus>(flags.root, {method: 'GET', path: '/status'}, this.step);
    this.print(`pushes arrive at ${status.url}`);
    for (const app of status.apps) {
      if (app.resuming !== undefined) {
        const {attempts, because, nextAt} = app.resuming;
        const times = attempts === 1 ? 'once' : `${attempts} times`;
        const next = nextAt === undefined ? 'being tried again now' : `tried again at ${nextAt}`;
        this.print(`${app.name}  does not run: tried ${times}: ${because}; ${next}`);
      } else if (app.supervisor.generations.length === 0) this.print(`${app.name}  stopped`);
      if (app.configServer !== undefined) this.print(`${app.name}  ${configServerLine(app.configServer)}`);
      for (const {name, state, instances} of app.supervisor.generations)
        for (const one of instances) {
          const pids = one.workers.map((worker) => `${worker.pid} ${worker.state}`).join(', ');
          this.print(`${app.name}  release ${name}  ${state}  ${one.name}  port ${one.port}  pid ${pids}`);
        }
    }
    return status;
  }
}
