import {Flags} from '@keelson/cli-kit';

export const receiveFlags = {
  apps: Flags.string({summary: 'Folder of all apps.', helpValue: 'DIR', required: true}),
  listen: Flags.string({
    summary: 'Where HTTP is served; port 0 is a free one.',
    helpValue: 'HOST:PORT',
    default: '127.0.0.1:7070',
  }),
  stdio: Flags.boolean({summary: 'Serve one ssh session on stdin and stdout.'}),
  watch: Flags.string({summary: 'Drop folder: tarballs APP.tgz that are moved here.', helpValue: 'DIR'}),
  exec: Flags.string({
    summary: 'Line for /bin/sh that decides: its output goes to the pusher, exit 0 accepts.',
    helpValue: 'COMMAND',
  }),
  'token-file': Flags.string({summary: 'File with the password that pushers need.', helpValue: 'FILE'}),
  config: Flags.string({
    summary: 'JSON file: apps with their branches and limits, tokens.',
    helpValue: 'FILE',
  }),
  app: Flags.string({
    summary: 'App that may be pushed; default any.',
    helpValue: 'APP',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
  }),
  packages: Flags.boolean({summary: 'Also take sources that are not built.', allowNo: true}),
};

export interface ReceiveFlags {
  readonly apps: string;
  readonly listen: string;
  readonly stdio: boolean;
  readonly watch: string | undefined;
  readonly exec: string | undefined;
  readonly 'token-file': string | undefined;
  readonly config: string | undefined;
  readonly app: readonly string[] | undefined;
  readonly packages: boolean | undefined;
}
