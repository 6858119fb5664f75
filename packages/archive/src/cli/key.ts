import {Args, StepCommand} from '@keelson/cli-kit';
import type {KeyPair} from '../signature/signing-key.ts';

export default class Key extends StepCommand {
  static override summary = 'Make a key pair to sign archives with.';
  static override description =
    'FILE is the private key, for whoever builds; FILE.pub the public one, for whoever verifies. Nothing is overwritten.';
  static override examples = ['<%= config.bin %> <%= command.id %> build.key'];
  static override args = {file: Args.string({description: 'A file that does not exist.', required: true})};

  override async run(): Promise<KeyPair> {
    const {args} = await this.parse(Key);
    const {createKeyPair} = await import('../signature/signing-key.ts');
    const pair = createKeyPair(args.file);
    this.print(`${pair.privateKey}\n${pair.publicKey}`);
    return pair;
  }
}
