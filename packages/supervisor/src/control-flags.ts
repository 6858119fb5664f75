import {Flags} from '@keelson/cli-kit';

export const controlFlag = Flags.string({
  char: 'C',
  summary: 'The socket that `keelson run --control` was given.',
  helpValue: 'SOCK',
  required: true,
});

export const waitFlag = Flags.boolean({
  summary: 'Return when it is done; exit 1, with the reason, when it was refused.',
});
