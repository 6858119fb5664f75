import {once} from 'node:events';
import {Flags, StepCommand} from '@keelson/cli-kit';
import type {ServeEvent} from '../serve.ts';
import {policyFlags} from '../policy-flags.ts';
import {rootFlag} from '../server-flags.ts';

export default class Serve extends StepCommand {
  static override summary = 'Receive pushes and run what they bring, until a signal.';
  static override description = 'keelson deploy services master is the same.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --root /srv/keelson --listen 127.0.0.1:7000',
  ];
  static override flags = {
    root: rootFlag('Folder of all apps and of the server itself.'),
    listen: Flags.string({
      summary: 'Where pushes arrive.',
      helpValue: 'HOST:PORT',
      default: '127.0.0.1:7000',
    }),
    'app-host': Flags.string({
      summary: 'Address that apps answer on.',
      helpValue: 'HOST',
      default: '127.0.0.1',
    }),
    'app-port': Flags.integer({summary: 'First port of the first app.', helpValue: 'N', default: 5000}),
    adapt: Flags.boolean({summary: 'As of services: each start shares the machine out as it is anyway.'}),
    ...policyFlags,
  };

  #line: ((event: ServeEvent) => string | undefined) | undefined;

  override async run(): Promise<{kind: 'served'; root: string}> {
    const {flags} = await this.parse(Serve);
    const {parseAddress, serve, tokenFile} = await import('../index.ts');
    this.#line = (await import('../serve-line.ts')).serveLine;
    await using server = await serve({
      ...this.step,
      root: flags.root,
      listen: parseAddress(flags.listen),
      apps: {host: flags['app-host'], basePort: flags['app-port'], environment: process.env},
      deploys: {
        allowRoot: flags['allow-root'],
        keep: flags.keep,
        configEveryMs: flags['config-every'] * 1000,
        bakeMs: flags.bake === undefined ? undefined : flags.bake * 1000,
      },
    });
    this.print(`receiving on ${server.url}/APP.git (user keelson, password in ${tokenFile(server.root)})`);
    if (!this.signal.aborted) await once(this.signal, 'abort');
    return {kind: 'served', root: server.root};
  }

  protected override describe(event: ServeEvent): string | undefined {
    return this.#line?.(event);
  }
}
