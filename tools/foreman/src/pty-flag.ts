import {Flags} from '@keelson/cli-kit';

/** `--pty` */
export const ptyFlags = () => ({
  pty: Flags.boolean({summary: 'Give each process a terminal of its own.'}),
});
