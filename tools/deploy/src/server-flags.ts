import {Args, Flags} from '@keelson/cli-kit';

/** `--root DIR`: which server, or which app. */
export const rootFlag = (summary = 'Deploy root of the app, or the root of a server.') =>
  Flags.string({summary, helpValue: 'DIR', required: true});

/** `APP`: which of a server's apps; none where --root is the app's own. */
export const appWord = (more = '') =>
  Args.string({description: `Name of the app, where --root is a server’s${more}.`});
