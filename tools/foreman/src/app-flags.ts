import {envFlag, Flags} from '@keelson/cli-kit';

/** Where the app is: flags of `start` and `run`. */
export const appFlags = () => ({
  procfile: Flags.string({
    char: 'f',
    summary: 'Procfile; the processes run in its directory.',
    helpValue: 'FILE',
  }),
  root: Flags.string({
    char: 'd',
    summary: 'Run the processes there instead, and look there for Procfile and .env.',
    helpValue: 'DIR',
  }),
  env: envFlag(),
  'show-env': Flags.boolean({char: 's', summary: 'List the variables that come from the env files first.'}),
});

interface AppFlags {
  readonly procfile?: string | undefined;
  readonly root?: string | undefined;
  readonly env?: readonly string[] | undefined;
}

/** As `readApp` takes them. */
export function appOf(
  {procfile, root, env}: AppFlags,
  processEnv: Readonly<Record<string, string | undefined>>,
) {
  return {procfile, root, envFiles: env, processEnv};
}
