import {Flags} from '@keelson/cli-kit';

const control = (summary: string) => Flags.string({summary, helpValue: 'SOCKET'});

/** Flags of `start`. */
export const controlFlags = () => ({
  control: control(
    'Where restart, stop, ps and logs reach this runner. Default: follows from the directory.',
  ),
  'no-control': Flags.boolean({summary: 'Let no other terminal control it.', exclusive: ['control']}),
});

/** Which runner: flags of those that control one. */
export const targetFlags = () => ({
  root: Flags.string({
    char: 'd',
    summary: 'Directory that the processes run in. Default: the current one.',
    helpValue: 'DIR',
  }),
  control: control('The socket that the runner was started with.'),
});
