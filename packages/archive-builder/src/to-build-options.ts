import {UsageError} from '@keelson/cli-kit';
import type {BuildOptions} from './build-options.ts';
import {cacheFolder} from './cache-folder.ts';
import {sourceDateEpoch} from './source-date-epoch.ts';

interface BuildFlags {
  readonly out?: string | undefined;
  readonly script?: readonly string[] | undefined;
  readonly scripts: boolean;
  readonly install: boolean;
  readonly rebuild?: readonly string[] | undefined;
  readonly 'verify-signatures': boolean;
  readonly 'min-release-age'?: number | undefined;
  readonly cache: boolean;
  readonly workspace?: string | undefined;
  readonly strip: boolean;
  readonly include?: readonly string[] | undefined;
  readonly 'allow-secret'?: readonly string[] | undefined;
}

/** What the command line and the environment say, as options of `buildArchive`. Throws UsageError. */
export function toBuildOptions(
  flags: BuildFlags,
  env: Readonly<Record<string, string | undefined>>,
): BuildOptions {
  if (!flags.scripts && flags.script !== undefined)
    throw new UsageError('--script names scripts to run, and --no-scripts says to run none');
  return {
    out: flags.out,
    scripts: flags.scripts ? flags.script : [],
    install: flags.install,
    dependencies: {
      rebuild: flags.rebuild,
      signatures: flags['verify-signatures'],
      minReleaseAge: flags['min-release-age'],
    },
    modifiedAt: sourceDateEpoch(env['SOURCE_DATE_EPOCH']),
    cache: flags.cache ? cacheFolder(env) : undefined,
    workspace: flags.workspace,
    contents: {allowSecrets: flags['allow-secret'], include: flags.include, strip: flags.strip},
  };
}
