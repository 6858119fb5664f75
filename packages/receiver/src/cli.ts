import {Flags, portFlag, StepCommand} from '@keelson/cli-kit';
import type {ReceiverEvent} from './receiver.ts';

export default class Receive extends StepCommand {
  static override enableJsonFlag = false;
  static override summary = 'Take git pushes of archives and keep them.';
  static override description = `Listens for git push at http://HOST:PORT/APP.git (branch main), keeps each archive in ROOT/APP/received/N and prints it
as one line of JSON. Runs until a signal. KEELSON_TOKEN holds the token where there is no --token-file.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --root ./apps --port 7070',
    '<%= config.bin %> <%= command.id %> --root /srv/apps --host 0.0.0.0 --port 7070 --token-file token --app web',
  ];
  static override flags = {
    root: Flags.string({summary: 'Folder of all apps.', helpValue: 'DIR', required: true}),
    host: Flags.string({summary: 'Address to listen on.', helpValue: 'HOST', default: '127.0.0.1'}),
    port: portFlag({default: 7070, summary: 'Port to listen on; 0 is a free one.'}),
    'token-file': Flags.string({summary: 'File with the password that pushers need.', helpValue: 'FILE'}),
    app: Flags.string({
      summary: 'App that may be pushed; default any.',
      helpValue: 'APP',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
    }),
  };

  override async run(): Promise<void> {
    const {flags} = await this.parse(Receive);
    const {startReceiver} = await import('./receiver.ts');
    const {keepReceived} = await import('./keep-received.ts');
    const {mkdir, readFile, realpath} = await import('node:fs/promises');
    await mkdir(flags.root, {recursive: true});
    const root = await realpath(flags.root);
    const file = flags['token-file'];
    const token = file === undefined ? process.env['KEELSON_TOKEN'] : (await readFile(file, 'utf8')).trim();
    const accept = keepReceived(root, (received) => this.print(JSON.stringify(received)));
    const {host, port, app: apps} = flags;
    const {onEvent} = this.step;
    await using _ = await startReceiver(accept, {root, host, port, apps, token: token || undefined, onEvent});
    await new Promise((resolve) => this.signal.addEventListener('abort', resolve, {once: true}));
  }

  protected override describe(event: ReceiverEvent): string | undefined {
    return event.type === 'receiver:listened' ? `listening on ${event.url}` : super.describe(event);
  }
}
