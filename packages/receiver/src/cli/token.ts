import {Args, Flags, StepCommand} from '@keelson/cli-kit';
import type {AccessToken} from '../authorization.ts';

export default class Token extends StepCommand {
  static override summary = 'Make a token that may push.';
  static override description = `Prints the token, which is kept nowhere, and what to add to "tokens" in the file of --config: its sha-256. With --json only
the latter is the value, and the token goes to stderr.`;
  static override examples = ['<%= config.bin %> <%= command.id %> ci --app shop,blog'];
  static override args = {name: Args.string({description: 'Who pushes with it.', required: true})};
  static override flags = {
    app: Flags.string({
      summary: 'App that it may push; default all.',
      helpValue: 'APP',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
    }),
  };

  override async run(): Promise<AccessToken> {
    const {args, flags} = await this.parse(Token);
    const {randomBytes} = await import('node:crypto');
    const {keptToken} = await import('../authorization.ts');
    const {checkApps} = await import('../app-name.ts');
    checkApps(flags.app);
    const token = randomBytes(24).toString('base64url');
    const kept = keptToken(args.name, token, flags.app);
    this.logToStderr(`token: ${token}`);
    this.print(JSON.stringify(kept));
    return kept;
  }
}
