import {Args, Flags} from '@keelson/cli-kit';

/** `--root DIR`: which server. */
export const rootFlag = (summary = 'Folder that the server was started with.') =>
  Flags.string({summary, helpValue: 'DIR', required: true});

/** `APP`: which of its apps. */
export const appArgument = () => Args.string({description: 'Name of the app.', required: true});
