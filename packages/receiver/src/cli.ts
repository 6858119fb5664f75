import {StepCommand} from '@keelson/cli-kit';
import {receiveFlags} from './cli/receive-flags.ts';
import type {ReceiverEvent} from './receiver.ts';

export default class Receive extends StepCommand {
  static override enableJsonFlag = false;
  static override summary =
    'Take pushes of archives – git, HTTP PUT, ssh, a drop folder – and keep or hand on each.';
  static override description = `Listens at http://HOST:PORT for git push to /APP.git (branch main) and for PUT of a tarball to /APP.tgz. Each push is kept in
APPS/APP/received/N and printed as one line of JSON, or handed to the command of --exec. Runs until a signal.
KEELSON_TOKEN holds the token where there is no --token-file. As command of an ssh key: --apps DIR --stdio.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --apps ./apps',
    '<%= config.bin %> <%= command.id %> --apps /srv/apps --listen 0.0.0.0:7070 --token-file token --app web',
    '<%= config.bin %> <%= command.id %> --apps /srv/apps --exec "keelson deploy - --root /srv/$KEELSON_APP"',
    'command="<%= config.bin %> <%= command.id %> --apps /srv/apps --stdio",restrict ssh-ed25519 AAAA…   # in authorized_keys',
  ];
  static override flags = receiveFlags;

  override async run(): Promise<void> {
    const {flags} = await this.parse(Receive);
    const {receiverFromFlags} = await import('./receiver-from-flags.ts');
    const print = (line: string) => (flags.stdio ? this.logToStderr(line) : this.print(line));
    const {accept, options} = await receiverFromFlags(flags, {environment: process.env, print});
    if (flags.stdio) return this.#speak({...options, accept});
    const {startReceiver} = await import('./receiver.ts');
    await using _ = await startReceiver(accept, {...options, onEvent: this.step.onEvent});
    await new Promise((resolve) => this.signal.addEventListener('abort', resolve, {once: true}));
  }

  async #speak(options: Parameters<typeof import('./stdio/speak.ts').speak>[2]): Promise<void> {
    const {requestedService} = await import('./stdio/requested-service.ts');
    const {speak} = await import('./stdio/speak.ts');
    const {SSH_ORIGINAL_COMMAND: command = 'keelson-receive --stdio', GIT_PROTOCOL: protocol} = process.env;
    const request = requestedService(command, protocol);
    if (request === undefined) {
      const {ReceiverFault} = await import('./fault.ts');
      throw new ReceiverFault('RECEIVER_REFUSED', 'this key is for pushes, and opens no shell', {
        hint: 'git push ssh://HOST/APP.git, or keelson publish APP.tgz ssh://HOST/APP',
      });
    }
    process.exitCode = await speak(request, process, options);
  }

  protected override describe(event: ReceiverEvent): string | undefined {
    return event.type === 'receiver:listened' ? `listening on ${event.url}` : super.describe(event);
  }
}
